// What a user chooses for himself, language and company, and what he sees of figures: graphs and calendar.

// prefer opens the user's preferences, fills fields in, and takes them over.
async function prefer(c, values) {
  await c.page.locator('#user-preferences > a').click()
  const form = c.page.locator('.modal.in:visible label.form-label').first(), question = c.page.locator('.confirmation-dialog.in:visible')
  await form.or(question).first().waitFor()
  if (await question.count()) await question.locator('.modal-footer button.btn-primary').click() // it closes all tabs
  await form.waitFor()
  await c.settle()
  for (const label in values) await c.setField(label, values[label])
  await c.dialog().locator('.modal-footer button.btn-primary').click()
  await c.page.locator('.modal.in').first().waitFor({ state: 'hidden' })
  await c.page.locator('#menu table.tree > tbody > tr').first().waitFor()
  await c.settle()
}

// sums adds the amounts of rows by the words in a column.
function sums(rows, title) {
  const by = {}
  for (const row of rows) by[row[title]] = (by[row[title]] || 0) + Math.round(Number(row.Amount.replace(/[^\d.]/g, '')) * 100)
  return by
}

async function figures(c, ref, run, check) {
  const statistics = 'Financial/Payments/Statistics/'
  await check('graph-drawn', async () => {
    await c.openFresh(statistics + 'Payments by Journal and State')
    await c.tab().locator('svg .c3-bar').first().waitFor({ state: 'attached' })
    const journals = await c.tab().locator('svg .c3-axis-x .tick').allTextContents()
    must(journals.map(tidy).includes(ref.manual_journal), `${journals}`)
    return `${journals}; ${await c.tab().locator('svg .c3-legend-item').allTextContents()}`
  }, 'login')
  await check('graph-has-the-sums', async () => {
    await c.tab().locator('svg .c3-event-rect').first().hover({ force: true })
    const tip = c.tab().locator('.c3-tooltip:visible')
    await tip.waitFor()
    const journal = tidy(await tip.locator('th').first().innerText())
    const drawn = Object.fromEntries(await tip.locator('tr:has(.value)').evaluateAll(rows => rows.map(tr =>
      [tr.querySelector('.name').textContent.trim(), Math.round(Number(tr.querySelector('.value').textContent.replace(/[^\d.]/g, '')) * 100)])))
    await c.switchView()
    const rows = (await c.listRows()).filter(row => row.Journal === journal)
    const listed = sums(rows, 'State')
    must(rows.length, `no rows of ${journal}`)
    for (const state in listed) must(drawn[state] === listed[state], `${journal} ${JSON.stringify(drawn)}, the list has ${JSON.stringify(listed)}`)
    return `${journal}: ${JSON.stringify(drawn)}`
  }, 'graph-drawn')
  await check('shares-drawn', async () => {
    await c.openFresh(statistics + 'Share of the Journals')
    await c.tab().locator('svg .c3-arc').first().waitFor({ state: 'attached' })
    return `${await c.tab().locator('svg .c3-legend-item').allTextContents()}`
  }, 'login')
  await check('calendar-shows-payments', async () => {
    await c.openFresh(ref.menu.payments, 'All')
    await c.search(`Date: ${shift(0)}`)
    const wanted = await c.column('Party')
    await c.openFresh('Financial/Payments/Payment Calendar', 'All')
    const events = c.tab().locator('.fc-event')
    await events.first().waitFor()
    const texts = (await events.allInnerTexts()).map(tidy)
    must(wanted.length && texts.length >= wanted.length && wanted.every(party => texts.some(text => text.includes(party))), `${texts} instead of ${wanted}`)
    await events.filter({ hasText: wanted[0] }).first().click()
    await c.settle()
    return `${texts.length}: ${texts[0]}`
  }, 'login')
}

// preferences has the interface speak French and back, and works in another company.
async function preferences(c, ref, run, check) {
  const branch = `Branch ${run.tag}`, journal = `Cash ${run.tag}`
  await check('speaks-french', async () => {
    await prefer(c, { Language: 'French' })
    await c.openMenu('Finances/Paiements/Paiements')
    const titles = Object.keys((await c.listRows())[0]).map(tidy)
    must(titles.includes('Montant') && titles.includes('Tiers'), `${titles}`)
    return `${titles}`
  }, 'login')
  await check('speaks-english-again', async () => {
    await prefer(c, { Langue: 'Anglais' })
    const names = (await c.menu()).map(entry => entry.name)
    must(names.includes('Financial'), `${names}`)
  }, 'speaks-french')
  await check('branch-created', async () => {
    await c.openFresh('Party/Parties')
    await c.newRecord()
    await c.setField('Name', branch)
    await c.save()
    await c.openFresh('Company/Companies')
    await c.newRecord()
    await c.setField('Party', branch)
    await c.setField('Currency', ref.currency)
    await c.save()
  }, 'speaks-english-again')
  await check('user-let-into-the-branch', async () => {
    await c.openFresh('Administration/Users/Users')
    await c.search(`Login: "${run.user}"`)
    await c.openRow({ Login: run.user })
    await c.addTo('Companies', branch)
    await c.save()
    await prefer(c, { 'Current Company': branch })
    return c.page.locator('#user-preferences > a').innerText()
  }, 'branch-created')
  await check('sees-the-branch-only', async () => {
    await c.openFresh(ref.menu.payments, 'All')
    says(await c.listRows(), [])
    await c.openFresh(ref.menu.journals)
    says(await c.listRows(), [])
    await c.newRecord()
    await c.setField('Name', journal)
    await c.setField('Currency', ref.currency)
    await c.setField('Process Method', 'Manual')
    await c.save()
    await c.switchView()
    says(await c.column('Name'), [journal])
  }, 'user-let-into-the-branch')
  await check('back-in-his-company', async () => {
    await prefer(c, { 'Current Company': ref.company })
    await c.openFresh(ref.menu.journals)
    const names = await c.column('Name')
    must(names.includes(ref.manual_journal) && !names.includes(journal), `${names}`)
  }, 'user-let-into-the-branch')
}
