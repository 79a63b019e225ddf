// What a person does with the web client beside what the shared driver knows: more methods for its Sao.

// Lines that the browser itself logs: on answers, whose status the driver judges, and on the custom files that a site need not have.
const browserSays = /^Failed to load resource|^Refused to \w+ \w+ from '[^']*\/custom\.(css|js)'/

// passTurns lets the page's own timers and promises come to their turn many times.
function passTurns() {
  return new Promise(resolve => {
    let turns = 40
    const turn = () => turns-- ? setTimeout(turn) : resolve()
    turn()
  })
}

const setPlainField = Sao.prototype.setField

// noWindowMoves tells whether no window of the page is on its way in or out. Most have a shade, which comes before them and goes after them.
function noWindowMoves() {
  const shown = [...document.querySelectorAll('.modal')].filter(m => m.style.display === 'block')
  return shown.every(m => m.classList.contains('in')) && document.querySelectorAll('.modal-backdrop').length <= shown.length
}

Object.assign(Sao.prototype, {
  // listen counts what the client logs as an error as the driver does what it leaves uncaught, and what it asks for.
  listen() {
    this.asked = 0
    this.page.on('console', m => {
      if (m.type() === 'error' && !browserSays.test(m.text())) this.errors.push(`console: ${m.text()}`)
    })
    this.page.on('request', r => { if (!r.url().endsWith('/bus')) this.asked++ })
    this.page.on('response', r => { // which call the server refused, beside what it says
      if (r.request().resourceType() !== 'xhr') return
      r.json().then(body => body?.error && this.refusals.push(`to ${(r.request().postData() || '').slice(0, 3000)}`)).catch(() => {})
    })
  },

  // settle waits until the client has had many turns without asking for anything, and its windows stand still: sooner than the driver's, and
  // sure of a slow machine.
  async settle() {
    let before = -1
    for (const end = Date.now() + PATIENCE; this.pending.size || this.asked !== before;) {
      must(Date.now() < end, `no answer to ${[...this.pending].map(r => r.postData()).join(' ').slice(0, 200)}`)
      before = this.asked
      await this.page.evaluate(passTurns)
      await this.page.waitForFunction(noWindowMoves)
    }
  },

  // setField types into a number when the input is there that it has while it is edited, which a slow page shows later than the driver
  // begins to type, and again what a form that was just opened has lost.
  async setField(label, value) {
    const field = await this.field(label)
    const number = field.locator('xpath=..').locator('input[type=number]')
    if (!await number.count()) return setPlainField.call(this, label, value)
    for (let tries = 0; tries < 3; tries++) {
      await field.click()
      await this.page.waitForFunction(input => document.activeElement === input, await number.elementHandle())
      await this.page.keyboard.press('Control+A')
      await this.page.keyboard.type(value)
      await this.page.keyboard.press('Tab')
      await this.settle()
      if (await this.getField(label)) return
    }
  },

  // complete types a record's name over what is there, and takes the completion. Emptying the field first, as the driver does,
  // opens a search window where the field is required. The client looks for a text with an underscore as it is.
  async complete(element, name) {
    await element.click()
    await this.page.keyboard.press('Control+A')
    await this.page.keyboard.type(name.includes('_') ? name : name.slice(0, -1), { delay: 10 })
    const group = element.locator('xpath=ancestor::div[contains(@class,"form-many2one")]')
    await group.locator('li.completion > a').filter({ hasText: exactly(name) }).first().click({ timeout: PATIENCE })
    await this.settle()
    await this.page.keyboard.press('Tab')
  },

  // find fills a relation from its search window: what is searched for there, and the row that is taken.
  async find(label, text, wanted) {
    const group = (await this.field(label)).locator('xpath=ancestor::div[contains(@class,"form-many2one")]')
    await group.locator('.icon-secondary').click()
    const dialog = this.dialog()
    await dialog.locator('.filter-box input[placeholder=Search]').fill(text)
    await this.page.keyboard.press('Enter')
    await this.settle()
    const row = Object.values(wanted).reduce((rows, cell) => rows.filter({ hasText: cell }), dialog.locator('table.tree > tbody > tr'))
    await row.first().locator('td[data-title]:visible').first().dblclick()
    await dialog.waitFor({ state: 'hidden' })
    await this.settle()
  },

  // pressInRow presses a button of a row that goes away with it: the client takes the first click as one on the row, unless it is selected.
  async pressInRow(row, label) {
    const button = row.locator('button:visible').filter({ hasText: exactly(label) })
    await button.click()
    await this.settle()
    if (await button.count()) await button.click()
    await this.settle()
  },

  // openRow opens the form of the row whose cells contain the wanted texts, though it has but one column.
  async openRow(wanted) {
    const { element } = await this.row(wanted)
    await element.locator('td[data-title]:visible').first().dblclick()
    await this.tab().locator('.form').first().waitFor()
    await this.settle()
  },

  // told takes a dialog that the client shows for what the pattern tells of as expected, closes it, and returns its text.
  async told(pattern) {
    let said = []
    for (const end = Date.now() + PATIENCE; ;) {
      said = await this.page.evaluate(() => window.driver.dialogs.splice(0))
      if (said.length) break
      must(Date.now() < end, `the client says nothing of ${pattern}`)
      await this.page.waitForTimeout(50)
    }
    this.refusals.splice(0)
    const text = tidy(said.join('; '))
    await this.closeDialogs()
    must(pattern.test(text), `instead of ${pattern} the client says: ${text}`)
    return text
  },

  // answer presses a button of the question that is shown, after filling what it asks for.
  async answer(button, text) {
    const dialog = this.dialog()
    await dialog.waitFor()
    if (text !== undefined) await dialog.locator('#ask-dialog-entry').fill(text)
    await dialog.locator('.modal-footer button:visible').filter({ hasText: exactly(button) }).click()
    await this.settle()
  },

  // tool takes an entry of the menu under the tab's title, by its id.
  async tool(id) {
    await this.tab().locator('.toolbar a.navbar-brand').click()
    await this.tab().locator(`.toolbar a[id="${id}"]`).click()
    await this.settle()
  },

  closeTab() { return this.tool('close') },

  // openNew opens a list by the menu, in a tab that has no search and shows all.
  async openFresh(way, tab) {
    await this.openMenu(way)
    await this.closeTab()
    await this.openMenu(way)
    if (tab) await this.chooseTab(tab)
  },

  // column returns the cells below a title from top to bottom.
  async column(title) { return (await this.listRows()).map(row => row[title]) },

  // sortBy clicks on the title of a column.
  async sortBy(title) {
    await this.tab().locator('.treeview:visible table.tree > thead th label').filter({ hasText: exactly(title) }).first().click()
    await this.settle()
  },

  // counts reads the numbers beside the tabs of a list: by name.
  counts() {
    return this.tab().locator('.tab-domain:visible li > a').evaluateAll(tabs => Object.fromEntries(
      tabs.map(a => [a.firstChild.textContent.trim(), a.querySelector('.badge').textContent])))
  },

  // download does what saves a file, and returns its name and text.
  async download(action) {
    const [file] = await Promise.all([this.page.waitForEvent('download', { timeout: PATIENCE }), action()])
    return { name: file.suggestedFilename(), body: fs.readFileSync(await file.path()) }
  },

  // importCSV gives a text to the import dialog of the tab, has it find the columns by their titles, and imports.
  async importCSV(text) {
    await this.tool('import')
    const dialog = this.dialog()
    await dialog.locator('#input-csv-file').setInputFiles({ name: 'rows.csv', mimeType: 'text/csv', buffer: Buffer.from(text) })
    await dialog.locator('button').filter({ hasText: exactly('Auto-Detect') }).click()
    const titles = text.split('\n')[0].split(',').length
    await this.page.waitForFunction(n => document.querySelectorAll('.modal.in .column-fields:last-of-type li[field]').length >= n, titles)
    await dialog.locator('button[type=submit]').click()
  },

  // many is the part of a form that edits the records of a relation to many.
  async many(label) {
    const scope = await this.scope()
    const found = scope.locator('.form-one2many:visible, .form-many2many:visible')
      .filter({ has: this.page.locator('.panel-heading > label').filter({ hasText: exactly(label) }) })
    must(await found.count(), `no list "${label}" in the form`)
    return found.first()
  },

  // pressIn presses a small button of a relation to many: New, Open, Delete, Undelete, Switch, Next, Previous, Remove.
  async pressIn(label, button) {
    await (await this.many(label)).locator(`.panel-heading button[title="${button}"]`).click()
    await this.settle()
  },

  // addTo completes the name of a record in a relation to many.
  async addTo(label, name) {
    const many = await this.many(label)
    await many.locator('.panel-heading input').click()
    await this.page.keyboard.type(name, { delay: 10 })
    await many.locator('.panel-heading li.completion > a').filter({ hasText: exactly(name) }).first().click()
    await this.settle()
  },

  // rowsIn reads the rows of a relation to many as listRows does those of a list.
  async rowsIn(label) {
    const many = await this.many(label)
    return many.locator('table.tree > tbody > tr:visible').evaluateAll(rows => rows.map(tr => Object.fromEntries(
      [...tr.querySelectorAll('td[data-title]')].filter(td => td.style.display !== 'none').map(td => {
        const input = td.querySelector('input:not([type=checkbox])')
        return [td.dataset.title.replace(/:\s*$/, ''), input?.value || td.innerText.replace(/\s+/g, ' ').trim()]
      }))))
  },

  // edit types into cells of the row that a list or a relation to many lets edit in place, by title.
  async edit(row, values) {
    for (const [title, value] of Object.entries(values)) {
      const cell = row.locator(`td:is([data-title="${title}"],[data-title="${title}:"],[data-title="${title}: "])`)
      if (!await cell.locator('.widget-editable :is(input,select,textarea):visible').count()) {
        await cell.click()
        await this.settle()
      }
      const entry = cell.locator('.widget-editable :is(input,select,textarea):visible').first()
      if (await entry.evaluate(e => e.tagName === 'SELECT')) await entry.selectOption({ label: value })
      else {
        await entry.click()
        await this.page.waitForTimeout(100)
        await this.page.keyboard.press('Control+A')
        await this.page.keyboard.type(value)
        await this.page.keyboard.press('Tab')
      }
      await this.settle()
    }
  },

  // page turns to a page of the form's notebook.
  async notebook(name) {
    await (await this.scope()).locator('.nav-tabs a:visible').filter({ hasText: exactly(name) }).first().click()
    await this.settle()
  },

  // state tells whether a field is shown, and if so whether it may be changed and must be filled.
  async state(label) {
    const scope = await this.scope()
    const name = scope.locator('label.form-label:visible').filter({ hasText: exactly(label) }).first()
    if (!await name.count()) return 'invisible'
    const field = await this.field(label)
    const words = [await field.evaluate(e => e.disabled || e.readOnly || Boolean(e.closest('.readonly'))) ? 'readonly' : 'writable']
    if (await field.evaluate(e => Boolean(e.closest('.required')))) words.push('required')
    return words.join(' ')
  },

  // choices are those that a selection offers.
  async choices(label) {
    return (await this.field(label)).evaluate(e => [...e.options].map(o => o.textContent).filter(Boolean))
  },

  // relate takes an entry of the relate menu, print one of the print menu.
  async take(menu, label) {
    await this.toolbar(menu).click()
    await this.tab().locator(`ul[aria-labelledby=${menu}] a[role=menuitem]`).filter({ hasText: exactly(label) }).click()
  },

  // signIn answers the dialogs of the client for a user, after a logout: it asks again as long as a password is wrong.
  async signIn(user, ...passwords) {
    const dialog = this.dialog()
    await dialog.locator('#login').fill(user)
    await this.settle()
    await dialog.locator('button[type=submit]').click()
    for (const password of passwords) await this.givePassword(password)
    await this.page.locator('#menu table.tree > tbody > tr').first().waitFor()
    await this.settle()
  },

  async givePassword(password) {
    const entry = this.page.locator('.ask-dialog.in #ask-dialog-entry')
    await entry.waitFor()
    await entry.fill(password)
    await this.page.locator('.ask-dialog.in button.btn-primary').click()
    await this.page.waitForTimeout(700) // the dialog fades, and may come again
  },

  // openMenuAsked opens an entry while the client wants the password once more.
  async openMenuAsked(way, password) {
    const opened = this.openMenu(way)
    await this.givePassword(password)
    await opened
  },

  // selectOnly opens the one row of a list that the search has left.
  async selectOnly(text) {
    await this.rows().filter({ hasText: text }).first().locator('td[data-title]:visible').first().dblclick()
    await this.settle()
  },
})

Object.assign(Sao.prototype, {
  // toolbarCount is the number of records that the toolbar tells of.
  async toolbarCount() {
    const text = await this.tab().locator('.toolbar .navbar-text .badge').first().innerText()
    return Number(text.split('/')[1].split('of')[0])
  },

  // unfold expands the row of a tree that has a text.
  async unfold(text) {
    await this.rows().filter({ hasText: text }).first().locator('.expander').click()
    await this.settle()
  },
})
