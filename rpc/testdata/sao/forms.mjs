// Forms: what a clerk fills in, attaches, notes, looks up and sends.


// partyForm fills relations to many in a form, in a table and by names.
async function partyForm(c, ref, run, check) {
  const name = `Party ${run.tag}`
  await check('category-for-parties', async () => {
    await c.openFresh('Party/Categories/Categories')
    await c.newRecord()
    await c.setField('Name', `Kind ${run.tag}`)
    await c.save()
  }, 'login')
  await check('party-with-lines', async () => {
    await c.openFresh('Party/Parties')
    await c.newRecord()
    await c.setField('Name', name)
    await c.setField('City', 'Lille') // the address that a new party begins with
    await c.pressIn('Addresses', 'New')
    await c.setField('City', 'Nice')
    await c.pressIn('Contact Mechanisms', 'New')
    await c.edit((await c.many('Contact Mechanisms')).locator('tbody > tr').first(), { Type: 'E-Mail', Value: `${run.tag.replace(' ', '.')}@example.com` })
    await c.addTo('Categories', `Kind ${run.tag}`)
    await c.save()
    await c.reload()
    must(tidy(await (await c.many('Addresses')).locator('.badge').innerText()).endsWith('/ 2'), 'not two addresses')
    const mechanisms = await c.rowsIn('Contact Mechanisms')
    must(mechanisms.length === 1 && mechanisms[0].Value.includes('example.com'), JSON.stringify(mechanisms))
    must((await c.rowsIn('Categories')).length === 1, 'no category')
    return JSON.stringify(mechanisms)
  }, 'category-for-parties')
  await check('line-deleted-and-back', async () => {
    const addresses = async () => {
      await c.pressIn('Addresses', 'Switch')
      const cities = (await c.rowsIn('Addresses')).map(row => row.City || row.Address || Object.values(row).join(' '))
      await c.pressIn('Addresses', 'Switch')
      return cities
    }
    await c.pressIn('Addresses', 'Delete')
    await c.pressIn('Addresses', 'Undelete')
    await c.save()
    must((await addresses()).length === 2, 'the line did not come back')
    await c.pressIn('Addresses', 'Delete')
    await c.pressIn('Categories', 'Remove')
    await c.save()
    await c.reload()
    must((await addresses()).length === 1, 'the line is not deleted')
    must(!(await c.rowsIn('Categories')).length, 'the category is not taken away')
  }, 'party-with-lines')
  await check('bad-identifier-refused', async () => {
    await c.notebook('Identifiers')
    await c.pressIn('Identifiers', 'New')
    const row = (await c.many('Identifiers')).locator('tbody > tr').first()
    await c.edit(row, { Type: 'European VAT Number', Code: 'FR00000000000' })
    await c.press('save')
    const said = await c.told(/FR00000000000/)
    await c.edit(row, { Code: 'FR40303265045' })
    await c.save()
    return said
  }, 'party-with-lines')
  await check('party-duplicated', async () => {
    await c.tool('copy')
    must(await c.getField('Name') === name, await c.getField('Name'))
    await c.setField('Name', `${name} copy`)
    await c.save()
    await c.notebook('General')
    must(tidy(await (await c.many('Addresses')).locator('.badge').innerText()).endsWith('/ 1'), 'the address was not copied')
    await c.removeRecord()
  }, 'line-deleted-and-back')
  await check('translated', async () => {
    await c.openFresh('Party/Categories/Categories')
    await c.search(run.tag)
    await c.openRow({ 'Record Name': `Kind ${run.tag}` })
    await c.tab().locator('.form [title=Translate]:visible').first().click()
    await c.settle()
    const languages = await c.dialog().locator('.row.form-group .col-sm-2').allInnerTexts()
    await c.dialog().locator('.modal-footer button').first().click()
    await c.settle()
    must(languages.includes('English'), `${languages}`)
    return `${languages}`
  }, 'category-for-parties')
  await check('party-found-from-anywhere', async () => {
    await c.openFresh('Administration/Models/Models')
    await c.search('Model Name: =party.party')
    await c.openRow({ 'Model Name': 'party.party' })
    await c.setField('Global Search', true)
    await c.save()
    await c.page.locator('#global-search-entry').click()
    await c.page.keyboard.type(name, { delay: 10 })
    await c.page.locator('.global-search-text').filter({ hasText: exactly(name) }).first().click()
    await c.settle()
    must(await c.getField('Name') === name, await c.getField('Name'))
    await c.closeTab()
  }, 'party-with-lines')
}

// resources attaches, notes, looks at the log, prints and mails, all of one party.
async function resources(c, ref, run, check) {
  const name = `Party ${run.tag}`
  // The client counts what hangs on a record when it has time.
  const counted = (id, wanted) => c.toolbar(id).locator('.badge').filter({ hasText: wanted }).waitFor({ timeout: PATIENCE })
  await check('attachment-added', async () => {
    await c.openFresh('Party/Parties')
    await c.search(name)
    await c.openRow({ Name: name })
    await c.toolbar('attach').click()
    await c.settle()
    await c.tab().locator('ul[aria-labelledby=attach] input[type=file]').setInputFiles({ name: 'contract.txt', mimeType: 'text/plain', buffer: Buffer.from(run.tag) })
    await c.dialog().locator('.modal-footer button.btn-primary').waitFor()
    await c.settle()
    await c.dialog().locator('.modal-footer button.btn-primary').click()
    await c.settle()
    await counted('attach', /^\s*1\s*$/)
  }, 'party-with-lines')
  await check('attachment-read', async () => {
    await c.toolbar('attach').click()
    await c.settle()
    const file = await c.download(() => c.tab().locator('ul[aria-labelledby=attach] a').filter({ hasText: 'contract.txt' }).click())
    must(file.body.toString() === run.tag, file.body.toString())
  }, 'attachment-added')
  await check('note-written', async () => {
    await c.press('note')
    await c.dialog().locator('button[aria-label=New]').first().click()
    await c.settle()
    await c.dialog().locator('textarea:visible').first().fill(`Call back, ${run.tag}`)
    await c.page.keyboard.press('Tab')
    await c.settle()
    await c.dialog().locator('.modal-footer button.btn-primary').click()
    await c.settle()
    await counted('note', /\/1\s*$/)
  }, 'party-with-lines')
  await check('log-of-record', async () => {
    await c.tool('logs')
    const said = await c.told(/Created by/)
    must(said.includes('Administrator') && said.includes('party.party'), said)
    return said
  }, 'party-with-lines')
  await check('labels-printed', async () => {
    const file = await c.download(() => c.take('print', 'Labels'))
    must(file.body.subarray(0, 2).toString() === 'PK', `${file.name} is no ODT`)
    return `${file.name}, ${file.body.length} bytes`
  }, 'party-with-lines')
  await check('e-mail-written', async () => {
    await c.openFresh('Party/Parties')
    await c.search(name)
    await c.openRow({ Name: name })
    await c.press('email')
    const choice = c.dialog().locator('.modal-footer button.btn-primary')
    if (!await c.dialog().locator('#email-to').count()) await choice.click()
    await c.dialog().locator('#email-to').fill('someone@example.com')
    await c.dialog().locator('#email-subject').fill(`Hello ${run.tag}`)
    await c.dialog().locator('#email-body').click()
    await c.page.keyboard.type('What we agreed on.')
    await c.dialog().locator('select[name=attachments] option').first().waitFor({ state: 'attached' })
    await c.dialog().locator('select[name=attachments]').selectOption({ label: 'contract.txt' })
    await c.dialog().locator('button[type=submit]').click()
    const said = await c.told(/no mail server is configured/)
    await c.take('relate', 'E-mail Archives')
    await c.settle()
    await c.closeTab()
    return said
  }, 'attachment-added')
}

// paymentForm sees how one field sets, shows, fixes and demands others.
async function paymentForm(c, ref, run, check) {
  await check('required-told', async () => {
    await c.openFresh(ref.menu.payments, 'All')
    await c.newRecord()
    await c.press('save')
    const bar = c.tab().locator('.infobar.alert-danger:visible')
    must(await bar.count(), 'the client does not complain')
    return tidy(await bar.first().innerText())
  }, 'login')
  await check('states-live', async () => {
    await c.setField('Kind', 'Receivable')
    await c.setField('Journal', ref.manual_journal)
    must(await c.state('Stripe Customer') === 'invisible', 'a manual journal shows the Stripe customer')
    await c.setField('Journal', ref.journal)
    must(await c.state('Stripe Customer') !== 'invisible', 'the Stripe journal does not show the customer')
    must((await c.state('Amount')).includes('required'), `amount ${await c.state('Amount')}`)
  }, 'required-told')
  await check('dynamic-selection', async () => {
    await c.setField('Party', 'Dora Saved')
    await c.setField('Stripe Customer', 'cus_saved')
    const methods = await c.choices('Stripe Customer Payment Method')
    must(methods.length, 'no payment methods of the customer')
    await c.setField('Stripe Customer Payment Method', methods[0])
    await c.setField('Party', ref.other_party)
    must(await c.getField('Stripe Customer') === '', 'another party keeps the customer')
    await c.setField('Party', 'Dora Saved')
    await c.setField('Stripe Customer', 'cus_saved')
    await c.setField('Stripe Customer Payment Method', methods[0])
    await c.setField('Amount', '77.01')
    await c.save()
    await c.reload()
    must(await c.getField('Stripe Customer Payment Method') === methods[0], 'the method did not stay')
    return methods.join(', ')
  }, 'states-live')
  await check('states-of-the-workflow', async () => {
    await c.clickButton('Approve')
    for (const label of ['Party', 'Amount', 'Journal']) {
      must((await c.state(label)).startsWith('readonly'), `${label} is ${await c.state(label)} once approved`)
    }
    await c.notebook('Other Info')
  }, 'dynamic-selection')
  await check('delete-refused', async () => {
    await c.tab().locator('.toolbar a.navbar-brand').click()
    await c.tab().locator('.toolbar a[id="delete_"]').click()
    await c.dialog().locator('button.btn-primary').click()
    const said = await c.told(/draft/)
    await c.openFresh(ref.menu.payments, 'All') // the client reads a record that it could not delete no more
    await c.search('Amount: 77.01') // the list shows its first rows only
    await c.openRow({ Amount: '77.01' })
    await c.clickButton('Draft')
    must(await c.getField('State') === 'Draft', await c.getField('State'))
    await c.setField('Amount', '77.02')
    await c.save()
    return said
  }, 'states-of-the-workflow')
  await check('concurrent-change', async () => {
    await c.setField('Amount', '77.03')
    await c.page.evaluate(() => {
      const screen = Sao.Tab.tabs.get_current().screen
      return Sao.rpc({ method: `model.${screen.model_name}.write`, params: [[screen.current_record.id], { description: 'meanwhile' }, {}] },
        Sao.Session.current_session)
    })
    await c.press('save')
    await c.answer('Write Anyway')
    await c.reload()
    must(await c.getField('Amount') === '77.03', await c.getField('Amount'))
  }, 'delete-refused')
  await check('payment-deleted', async () => {
    await c.removeRecord()
  }, 'concurrent-change')
  await check('group-opens-its-payments', async () => {
    await c.openFresh(ref.menu.groups)
    const rows = await c.listRows()
    must(rows.length, 'no group')
    await c.rows().first().locator('td[data-title]:visible').nth(1).dblclick()
    await c.settle()
    const payments = await c.listRows()
    must(payments.length, 'no payments')
    await c.closeTab()
    return JSON.stringify(payments[0])
  }, 'login')
}

// customerForm looks at a customer as he was.
async function customerForm(c, ref, run, check) {
  await check('customer-revisions', async () => {
    await c.openFresh(ref.menu.customers)
    await c.search('Party: "Dora Saved"')
    await c.openRow({ Party: 'Dora Saved' })
    await c.setField('Active', false)
    await c.save()
    await c.tool('revision')
    const dialog = c.dialog()
    await dialog.locator('select').waitFor()
    const revisions = (await dialog.locator('select option').allInnerTexts()).filter(Boolean)
    must(revisions.length >= 2, `${revisions}`)
    await dialog.locator('select').selectOption({ index: revisions.length })
    await dialog.locator('button[type=submit]').click()
    await c.settle()
    must(await c.getField('Active') === true, 'he was active then')
    const title = tidy(await c.tab().locator('.toolbar .title').innerText())
    must(title.includes('@'), title)
    await c.closeTab()
    return title
  }, 'login')
  await check('customer-active-again', async () => { // which others rely on, whatever became of the revisions
    await c.openFresh(ref.menu.customers)
    await c.tab().locator('.filter-box button[title="Show inactive records"]').click()
    await c.settle()
    await c.openRow({ Party: 'Dora Saved' })
    await c.setField('Active', true)
    await c.save()
  }, 'login')
}
