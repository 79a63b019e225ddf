# Tables of commas into and out of the desktop client's lists. (This series has no editing of many rows at once.)

def import_csv(self, path):
    "Give a file to the import dialog of the tab, and have it find the columns by their titles; what opens the answer."
    self.do(self.page.menu_buttons['import'].activate)
    window = self.window
    self.ui(window.import_csv_file.set_filename, path)
    self.wait_for(window.import_csv_file.get_filename, 'the file is not taken')
    self.click_button('Auto-Detect')
    titles = self.ui(lambda: len(window.model2))
    assert titles, 'no column was found'
    return lambda: window.dialog.response(self.Gtk.ResponseType.OK)


def export_csv(self):
    "Export the selected rows by the columns that the client offers. The text that it would open."
    from tryton import common
    opened, before = [], common.file_open
    common.file_open = lambda path, kind=None, print_p=False: opened.append(path)
    try:
        self.do(self.page.menu_buttons['export'].activate)
        window = self.window
        self.do(lambda: window.dialog.response(self.Gtk.ResponseType.OK))
        self.wait_for(lambda: opened, 'no file is opened')
    finally:
        common.file_open = before
    with open(opened[0], encoding='utf-8') as f:
        return f.read()


for method in (import_csv, export_csv):
    setattr(Client, method.__name__, method)


def tables(c, ref, run, check):
    payments, description = ref['menu']['payments'], 'table %s' % run.tag
    day = datetime.date.today().isoformat()

    def write(*rows):
        path = os.path.join(tempfile.mkdtemp(), 'rows.csv')
        with open(path, 'w', encoding='utf-8') as f:
            f.write('Journal,Party,Kind,Amount,Date,Description\n')
            for party, amount in rows:
                f.write('%s,%s,Receivable,%s,%s,%s\n' % (ref['manual_journal'], party, amount, day, description))
        return path

    def imported():
        c.open_fresh(payments)
        c.choose_tab('All')
        c.told('2 records imported', c.import_csv(write((ref['party'], '1.07'), (ref['other_party'], '2.07'))))
        c.search('Amount: 1.07;2.07')
        found = sorted(c.amounts())
        assert {1.07, 2.07} <= set(found), found

    def bad_row():
        return c.told('Nobody at all', c.import_csv(write((ref['party'], '3.07'), ('Nobody at all', '4.07'))))

    def none_of_it():
        c.search('Amount: 3.07')
        assert not c.list_rows(), 'a part was imported: %s' % c.list_rows()

    def exported():
        c.search('Amount: 1.07;2.07')
        c.do(c.view.treeview.get_selection().select_all)
        text = c.export_csv()
        assert ref['party'] in text and ref['other_party'] in text and '2.07' in text, text
        return ' '.join(text.split())
    check('payments-imported', imported, 'login')
    check('bad-row-told', bad_row, 'payments-imported')
    check('nothing-of-a-bad-table', none_of_it, 'bad-row-told')
    check('payments-exported', exported, 'payments-imported')


JOURNEYS.update({f.__name__: f for f in (tables,)})
