// Administration: users and what they may, schedules, sequences, currencies, employees; and the sign-in of a user so made.

async function administration(c, ref, run, check) {
  await check('employee-created', async () => {
    await c.openFresh('Company/Employees')
    await c.newRecord()
    await c.setField('Party', ref.party)
    await c.save()
  }, 'login')
  await check('rate-added', async () => {
    await c.openFresh('Currency/Currencies')
    await c.newRecord()
    await c.setField('Name', `Coin ${run.tag}`)
    await c.setField('Code', 'X' + run.tag.slice(-2).toUpperCase())
    await c.setField('Symbol', '¤')
    await c.save()
    await c.notebook('Rates')
    await c.pressIn('Rates', 'New')
    await c.edit((await c.many('Rates')).locator('tbody > tr').first(), { Rate: '1.25' })
    await c.save()
    await c.reload()
    must((await c.getField('Current rate')).startsWith('1.25'), await c.getField('Current rate'))
  }, 'login')
  await check('schedule-changed-and-run', async () => {
    await c.openFresh('Administration/Scheduler/Actions')
    await c.openRow({ Method: 'Send E-mails' })
    await c.setField('Interval Number', '7')
    await c.save()
    await c.clickButton('Run Once')
    await c.reload()
    must(await c.getField('Interval Number') === '7', await c.getField('Interval Number'))
  }, 'login')
  await check('sequence-changed', async () => {
    await c.openFresh('Administration/Sequences/Sequences')
    await c.search('Name: Party')
    await c.openRow({ 'Sequence Name': 'Party' })
    await c.setField('Prefix', 'P')
    await c.save()
    await c.openFresh('Party/Parties')
    await c.newRecord()
    await c.setField('Name', `Numbered ${run.tag}`)
    await c.save()
    const code = await c.getField('Code')
    must(code.startsWith('P'), code)
    return code
  }, 'login')
  await check('icons-and-languages', async () => {
    await c.openFresh('Administration/Localization/Languages')
    await c.openRow({ Code: 'en' })
    must(await c.getField('Date') === '%m/%d/%Y', await c.getField('Date'))
  }, 'login')

  await rights(c, ref, run, check)
}

// rights makes a user whose group sees one menu more or less, reads only some records, and may not delete.
async function rights(c, ref, run, check) {
  const group = `Readers ${run.tag}`, login = `reader-${Date.now().toString(36)}`
  const password = 'Walks-by8-Lochan'
  await check('group-with-rule', async () => {
    await c.openFresh('Administration/Users/Groups')
    await c.newRecord()
    await c.setField('Name', group)
    await c.save()
    await c.openFresh('Administration/Models/Record Rules')
    await c.newRecord()
    await c.setField('Model', 'Payment')
    await c.setField('Name', `Small ones ${run.tag}`)
    await c.setField('Global', false)
    await c.setField('Default', false)
    await c.pressIn('Tests', 'New')
    await c.setField('Domain', '[["amount", "<", 25]]')
    await c.clickButton('OK')
    await c.addTo('Groups', group)
    await c.save()
  }, 'login')
  await check('weak-password-refused', async () => {
    await c.openFresh('Administration/Users/Users')
    await c.newRecord()
    await c.setField('Name', `Reader ${run.tag}`)
    await c.setField('Login', login)
    await c.setField('Password', 'short')
    await c.press('save')
    const said = await c.told(/password/i)
    await c.setField('Password', password)
    return said
  }, 'group-with-rule')
  await check('user-created', async () => {
    await c.addTo('Companies', 'Reference Company')
    await c.setField('Current Company', 'Reference Company')
    await c.notebook('Permissions')
    await c.addTo('Groups', group)
    await c.addTo('Groups', 'Payment')
    await c.addTo('Groups', 'Account')
    await c.save()
    await c.reload()
    await c.notebook('Permissions')
    must((await c.rowsIn('Groups')).length === 3, JSON.stringify(await c.rowsIn('Groups')))
  }, 'weak-password-refused')
  await check('menu-for-a-group', async () => {
    await c.openFresh('Administration/User Interface/Menu')
    await c.search('Stripe Refunds')
    await c.selectOnly('Stripe Refunds')
    await c.addTo('Groups', 'Administration')
    await c.save()
  }, 'login')
  await check('model-access', async () => {
    await c.openFresh('Administration/Models/Models Access')
    await c.newRecord()
    await c.setField('Model', 'Stripe Customer')
    await c.setField('Group', group)
    for (const right of ['Read Access', 'Write Access', 'Create Access', 'Delete Access']) {
      await c.setField(right, right === 'Read Access')
    }
    await c.save()
  }, 'group-with-rule')

  await check('signs-in-after-a-wrong-password', async () => {
    await c.logout()
    c.expect401 = true
    await c.signIn(login, 'Wrong-by8-Lochan', password)
  }, 'user-created')
  await check('sees-only-what-he-may', async () => {
    const names = (await c.menu()).map(entry => entry.name)
    must(!names.includes('Administration'), names.join(', '))
    await c.openMenu(ref.menu.payments)
    const entries = (await c.menu()).map(entry => entry.name)
    must(!entries.includes('Stripe Refunds') && entries.includes('Stripe Customers'), entries.join(', '))
    await c.chooseTab('All')
    const amounts = (await c.column('Amount')).map(a => Number(a.replace(/[^\d.]/g, '')))
    must(amounts.length && amounts.every(a => a < 25), `${amounts}`)
    return `${names}; ${amounts}`
  }, 'signs-in-after-a-wrong-password')

  await check('preferences-and-password', async () => {
    await c.page.locator('#user-preferences > a').click()
    await c.answer('OK') // it closes all tabs
    await c.dialog().locator('label.form-label').first().waitFor()
    await c.settle()
    await c.setField('Name', `Renamed ${run.tag}`)
    await c.setField('Password', password + '-new')
    await c.dialog().locator('.modal-footer button.btn-primary').click()
    c.expect401 = true // a new password ends the user's sessions
    await c.givePassword(password + '-new')
    await c.page.locator('#menu table.tree > tbody > tr').first().waitFor()
    await c.settle()
    return c.page.locator('#user-preferences > a').innerText()
  }, 'signs-in-after-a-wrong-password')
  await check('expired-session-asks', async () => {
    c.expect401 = true
    await c.page.evaluate(() => { Sao.Session.current_session.session = 'expired' })
    await c.openMenuAsked(ref.menu.customers, password + '-new')
    must((await c.listRows()).length >= 0, 'no list')
  }, 'preferences-and-password')
  await check('administrator-again', async () => {
    const entries = async () => (await c.menu()).map(entry => entry.name).join()
    await c.logout()
    await c.signIn(run.user, run.password)
    return await entries()
  }, 'login')
}
