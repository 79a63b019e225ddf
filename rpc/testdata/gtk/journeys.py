# Journeys of our own for the desktop client, beside those of the shared driver: tryton_clients_test.go puts this file in their place in it.
# They do what only this client offers beside what both do.

def told(self, pattern, open_):
    "Do what makes the client say something that the pattern finds; close it and take it as expected. Its text."
    self.post(open_)
    note = self.wait_for(lambda: self.note_dialogs() and [n for n in self.notes if n.startswith('dialog:')], 'the client says nothing')[-1]
    assert re.search(pattern, note), 'instead of %s the client says: %s' % (pattern, note)
    dialog = self.ui(lambda: [d for d in self.dialogs() if isinstance(d, self.Gtk.MessageDialog)][-1])
    self.ui(self.notes.remove, note)
    self.do(dialog.response, self.Gtk.ResponseType.OK)
    return ' '.join(note.split())


def close_tab(self):
    "Close the tab; what was changed in it is not kept."
    page = self.ui(lambda: self.page)
    self.post(page.menu_buttons['win_close'].activate)
    self.wait_for(lambda: self.page is not page or self.dialogs(), 'the tab stays open')
    if self.ui(self.dialogs):
        self.answer(self.Gtk.ResponseType.NO)
        self.wait_for(lambda: self.page is not page, 'the tab stays open')


def open_fresh(self, way):
    "Open a list by the menu, in the only tab: so it has no search, and a slow server cannot have another one taken for it."
    while self.ui(lambda: self.page):
        self.close_tab()
    try:
        self.open_menu(way)
    except AssertionError as slow:
        if 'no tab opened' not in str(slow):
            raise
        self.wait_for(lambda: self.page, str(slow))
    self.settle()


def column(self, title):
    "The column of the list that a title names."
    def find():
        for col in self.view.treeview.get_columns():
            if col.get_visible() and col.name and self.widgets(self.Gtk.Label, col.get_widget())[0].get_text() == title:
                return col
        raise AssertionError('no column "%s"' % title)
    return self.ui(find)


def amounts(self):
    return [float(re.sub(r'[^\d.]', '', row['Amount'])) for row in self.list_rows()]


shown_dialogs = Client.dialogs


def dialogs(self):
    "As the driver has it; while a window is on its way out, the bindings may have no class for it."
    try:
        return shown_dialogs(self)
    except TypeError:
        return []


for method in (told, close_tab, open_fresh, column, amounts, dialogs):
    setattr(Client, method.__name__, method)


def lists(c, ref, run, check):
    payments = ref['menu']['payments']

    def create():
        c.open_fresh(payments)
        for amount in (run.amount, '1' + run.amount):
            c.new_record()
            c.set_field('Journal', ref['manual_journal'])
            c.set_field('Kind', 'Receivable')
            c.set_field('Party', ref['other_party'])
            c.set_field('Amount', amount)
            c.save()
        c.switch_view()

    def searches():
        low, high = float(run.amount), float('1' + run.amount)
        c.choose_tab('All')
        for text, wanted in (('Amount: %s' % run.amount, [low]), ('Amount: %s;1%s' % (run.amount, run.amount), [low, high]),
                ('Amount: >=1%s' % run.amount, {high}), ('Amount: %s..1%s' % (run.amount, run.amount), {low, high}), ('Amount: >9999', [])):
            c.search('Party: "%s" State: Draft %s' % (ref['other_party'], text))
            found = sorted(c.amounts())
            if isinstance(wanted, set):  # and what earlier runs left
                assert wanted == {low, high} & set(found), '"%s" finds %s' % (text, found)
            else:
                assert found == wanted, '"%s" finds %s instead of %s' % (text, found, wanted)

    def sorts():
        c.search('Party: "%s"' % ref['other_party'])
        for title, reverse in (('Amount', False), ('Amount', True)):
            c.do(c.column(title).clicked)
            found = c.amounts()
            assert found == sorted(found, reverse=reverse), '%s: %s' % (title, found)
        for title in ('Party', 'Journal', 'State', 'Date'):
            c.do(c.column(title).clicked)

    def widths():
        c.ui(c.column('Date').set_fixed_width, 187)
        c.settle(0.5)
        c.open_fresh(payments)
        width = c.ui(c.column('Date').get_fixed_width)
        assert width == 187, 'the column is %s wide' % width

    def clipboard():
        c.choose_tab('All')
        c.search('Amount: 1' + run.amount)
        c.do(c.view.treeview.get_selection().select_all)
        c.do(c.view.on_copy)
        text = c.ui(lambda: c.view.treeview.get_clipboard(c.Gdk.SELECTION_CLIPBOARD).wait_for_text())
        assert text and '1' + run.amount in text.replace(',', ''), 'the clipboard has %r' % text
        return text

    def duplicate():
        c.do(c.page.menu_buttons['copy'].activate)
        c.reload()
        assert len(c.list_rows()) == 2, '%s' % c.list_rows()
        c.do(c.view.treeview.get_selection().unselect_all)
        c.do(c.view.treeview.set_cursor, c.Gtk.TreePath.new_from_indices([0]), None, False)
        c.remove_record()
        c.reload()
        assert len(c.list_rows()) == 1, 'not deleted: %s' % c.list_rows()

    def log():
        c.do(c.view.treeview.set_cursor, c.Gtk.TreePath.new_from_indices([0]), None, False)
        return c.told('Administrator', c.page.menu_buttons['logs'].activate)
    check('payments-created', create, 'login')
    check('searches', searches, 'payments-created')
    check('sorts', sorts, 'payments-created')
    check('column-width-kept', widths, 'payments-created')
    check('rows-copied-to-clipboard', clipboard, 'column-width-kept')
    check('duplicated-and-deleted', duplicate, 'rows-copied-to-clipboard')
    check('log-of-record', log, 'duplicated-and-deleted')


def forms(c, ref, run, check):
    def required():
        c.open_fresh(ref['menu']['payments'])
        c.new_record()
        c.press('save')
        try:
            c.complaint()
        except AssertionError as e:
            return str(e)
        raise AssertionError('the client does not complain')

    def states():
        c.set_field('Kind', 'Receivable')
        c.set_field('Journal', ref['journal'])
        c.set_field('Party', 'Dora Saved')
        c.set_field('Amount', '77.11')
        c.save()
        c.click_button('Approve')
        assert c.get_field('State') == 'Approved', c.get_field('State')
        widget = c.ui(c.field, 'Amount').mnemonic_widget
        assert not c.ui(widget.get_property, 'editable') or not c.ui(widget.get_sensitive), 'the amount can be changed'
        c.click_button('Draft')
        assert c.get_field('State') == 'Draft', c.get_field('State')

    def delete():
        c.remove_record()
    check('required-told', required, 'login')
    check('states-live', states, 'required-told')
    check('payment-deleted', delete, 'states-live')


JOURNEYS = {f.__name__: f for f in (login, lists, forms)}

