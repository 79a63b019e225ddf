# A receipt and a statement by the desktop client's print menu, which opens the file by the system's program for its kind.

def print_entry(self, label):
    "Take an entry of the tab's print menu, with the Return key. The file that the client opens: its path, and its kind."
    import tryton.action.main as main
    opened = []
    before = main.file_open
    main.file_open = lambda path, kind=None, print_p=False: opened.append((path, kind))
    try:
        button = self.page.buttons['print']
        self.key(button.get_children()[0], self.Gdk.KEY_Return)
        menu = button._menu
        self.wait_for(menu.get_mapped, 'no print menu')

        def choose():
            items = [i for i in menu.get_children() if text_of(i) == label]
            assert items, 'no entry "%s" among %s' % (label, ', '.join(map(text_of, menu.get_children())))
            menu.select_item(items[0])
        self.ui(choose)
        self.key(menu, self.Gdk.KEY_Return)
        self.wait_for(lambda: opened, 'no file is opened')
    finally:
        main.file_open = before
    return opened[0]


Client.print_entry = print_entry


def prints(c, ref, run, check):
    def file(label, kind, begins, *words):
        path, found = c.print_entry(label)
        assert found == kind, '%s is printed as %s instead of %s' % (label, found, kind)
        with open(path, 'rb') as f:
            content = f.read()
        assert content.startswith(begins), '%s begins with %r' % (path, content[:40])
        for word in words:
            assert word.encode() in content, '%s lacks %s' % (path, word)
        return os.path.basename(path)

    def receipts():
        c.open_fresh(ref['menu']['payments'])
        c.choose_tab('All')
        c.search('Party: "%s" Amount: 10.00;20.50;30.25' % ref['other_party'])
        c.select_row(Amount='20.50')
        return '%s, %s' % (file('Receipt', 'pdf', b'%PDF-'),
            file('Receipt (HTML)', 'html', b'<!DOCTYPE html>', ref['other_party'], ref['company'], '€20.50'))

    def statement():
        c.open_fresh(ref['menu']['groups'])
        c.do(c.view.treeview.set_cursor, c.Gtk.TreePath.new_first(), None, False)
        return '%s, %s' % (file('Statement', 'pdf', b'%PDF-'), file('Statement (HTML)', 'html', b'<!DOCTYPE html>', 'By State'))

    check('receipts-printed', receipts, 'login')
    check('statement-printed', statement, 'login')


# First, on the demo's own payments: other journeys leave forms behind that ask whether they shall be saved.
JOURNEYS = {'login': JOURNEYS['login'], 'prints': prints, **JOURNEYS}
