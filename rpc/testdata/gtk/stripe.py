# Stripe's forms and buttons in the desktop client: what becomes of it is read in the form, and asked of the simulator.

def simulated(path, form=None):
    "What the simulator answers to a question, or to something done in the name of Stripe."
    import json
    body = urllib.parse.urlencode(form).encode() if form is not None else None
    with urllib.request.urlopen(os.environ['SIMULATOR'] + '/_simulator/' + path, body) as response:
        return json.load(response)


def charge(description):
    "The last charge that the simulator has of the payment with a description."
    found = [line for line in simulated('ledger') if description in line['description']]
    assert found, 'Stripe knows no charge of %s' % description
    return found[-1]


def shows(self, label, wanted):
    "Reload the form, as a clerk does who waits, until a field has a value that the pattern finds; the value."
    end = time.monotonic() + PATIENCE
    while True:
        try:
            value = self.get_text(label)
        except AssertionError as e:
            value = str(e)
        if re.search(wanted, value):
            return value
        assert time.monotonic() < end, '%s stays %s instead of %s' % (label, value, wanted)
        time.sleep(0.2)
        self.reload()


def get_text(self, label):
    "What a field shows, also one of several lines."
    def read():
        entry = self.field(label).mnemonic_widget
        if isinstance(entry, self.Gtk.TextView):
            buffer = entry.get_buffer()
            return buffer.get_text(buffer.get_start_iter(), buffer.get_end_iter(), False)
        return str(entry.get_active()) if isinstance(entry, self.Gtk.CheckButton) else entry.get_text()
    return self.ui(read)


def press_in(self, name, button):
    "Press a small button of a relation to many: new, open, del."
    many = self.ui(lambda: self.view.widgets[name][0])
    self.do(self.ui(lambda: getattr(many, 'but_' + button)).clicked)


def notebook(self, name):
    "Turn to a page of the form's notebook."
    def turn():
        for book in self.widgets(self.Gtk.Notebook):
            for i in range(book.get_n_pages()):
                tab = book.get_tab_label(book.get_nth_page(i))
                if name in [text_of(l) for l in self.widgets(self.Gtk.Label, tab)]:
                    return book.set_current_page(i)
        raise AssertionError('no page "%s"' % name)
    self.do(turn)


for method in (shows, get_text, press_in, notebook):
    setattr(Client, method.__name__, method)


def setup(c, ref, run, check):
    account, journal = 'Shop %s' % run.tag, 'Cards %s' % run.tag

    def create_account():
        c.open_fresh('Financial/Configuration/Payments/Stripe Accounts')
        c.new_record()
        c.set_field('Name', account)
        c.set_field('Publishable Key', 'pk_test_reference')
        c.set_field('Secret Key', 'sk_test_reference')
        c.save()

    def test_keys():
        c.click_button('Test Keys')
        return c.shows('Stripe Says', 'test mode')

    def create_journal():
        c.open_fresh(ref['menu']['journals'])
        c.new_record()
        c.set_field('Name', journal)
        c.set_field('Currency', ref['currency'])
        c.set_field('Process Method', 'Stripe')
        c.set_field('Account', account)
        c.save()
        c.switch_view()
        c.search('Name: "%s"' % journal)
        c.row(Name=journal, Process_Method='Stripe')

    def wrong_key():
        c.open_fresh('Financial/Configuration/Payments/Stripe Accounts')
        c.open_row(Name=account)
        c.set_field('Secret Key', 'sk_live_other')
        c.leave()
        said = c.told('live', lambda: c.page.buttons['save'].emit('clicked'))
        c.post(lambda: c.page.buttons['reload'].emit('clicked'))
        c.answer(c.Gtk.ResponseType.NO)
        return said
    check('stripe-account-created', create_account, 'login')
    check('keys-tested', test_keys, 'stripe-account-created')
    check('stripe-journal-created', create_journal, 'stripe-account-created')
    check('key-of-two-modes-refused', wrong_key, 'stripe-account-created')


def stripe(c, ref, run, check):
    description, captured = 'gtk %s' % run.tag, '%d.%s' % (50 + time.time() % 40, run.amount[-2:])
    customer = 'cus_%x' % time.time_ns()

    def authorise():
        c.open_fresh(ref['menu']['payments'])
        c.choose_tab('All')
        c.new_record()
        for label, value in (('Journal', ref['journal']), ('Kind', 'Receivable'), ('Party', 'Dora Saved'), ('Amount', '1' + run.amount),
                ('Description', description), ('Stripe Capture', False)):
            c.set_field(label, value)
        c.save()
        c.click_button('Approve')
        c.switch_view()
        c.search('Amount: 1%s' % run.amount)
        c.select_row(Party='Dora Saved')
        c.launch_action(ref['process_action'])
        c.click_button('Process')
        c.open_menu(ref['menu']['payments'])
        c.reload()
        c.open_row(Party='Dora Saved')
        c.shows('Status at Stripe', '^requires_capture$')
        assert charge(description)['captured'] == 0, charge(description)

    def capture():
        c.set_field('Amount', captured)
        c.click_button('Stripe Capture')
        c.shows('State', 'Succeeded')
        assert c.get_field('Amount') == captured, c.get_field('Amount')
        assert '%.2f' % (charge(description)['captured'] / 100) == captured, charge(description)

    def refund():
        c.notebook('Refunds')
        c.press_in('stripe_refunds', 'new')
        c.set_field('Amount', '20.00')
        c.set_field('Reason', 'Requested by Customer')
        c.click_button('OK')
        c.save()
        c.press_in('stripe_refunds', 'open')
        c.click_button('Approve')
        c.click_button('OK')
        c.shows('Amount', '^%.2f$' % (float(captured) - 20))
        given = charge(description)
        assert given['refunded'] - (given['amount'] - given['captured']) == 2000, given

    def too_much():
        c.notebook('Refunds')
        c.press_in('stripe_refunds', 'new')
        c.set_field('Amount', captured)
        c.click_button('OK')
        said = c.told('more than its amount', lambda: c.page.buttons['save'].emit('clicked'))
        c.post(lambda: c.page.buttons['reload'].emit('clicked'))
        c.answer(c.Gtk.ResponseType.NO)
        return said

    def detach():
        simulated('customer', [('key', 'sk_test_reference'), ('id', customer), ('method', 'pm_card_visa'), ('method', 'pm_card_mastercard')])
        c.open_fresh(ref['menu']['customers'])
        c.new_record()
        c.set_field('Party', ref['other_party'])
        c.set_field('Account', ref['account'])
        c.set_field('Stripe Customer ID', customer)
        c.save()
        c.click_button('Detach Source')
        c.set_field('Source', 'Mastercard ****4444 08/2028')
        c.click_button('Detach')
        end = time.monotonic() + PATIENCE
        while True:
            methods = [m for a in simulated('state')['accounts'].values() for m in (a['payment_methods']['rows'] or {}).values() if m['customer'] == customer]
            if len(methods) == 1:
                break
            assert time.monotonic() < end, 'still %d cards' % len(methods)
            time.sleep(0.1)
        assert methods[0]['card']['last4'] == '4242', methods
    check('payment-authorised', authorise, 'login')
    check('less-captured', capture, 'payment-authorised')
    check('refund-approved', refund, 'less-captured')
    check('refund-of-too-much-refused', too_much, 'refund-approved')
    check('card-detached', detach, 'login')


JOURNEYS.update({f.__name__: f for f in (setup, stripe)})
