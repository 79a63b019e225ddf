// The menu, from end to end, and the setting up of payments by an administrator.

// An administrator opens every entry of the menu, as a list and as a form.
async function menus(c, ref, run, check) {
  const ways = []
  const below = async (position, depth) => {
    const after = (await c.menu()).filter(e => e.position > position)
    const end = after.findIndex(e => e.depth <= depth)
    return after.slice(0, end < 0 ? after.length : end).filter(e => e.depth === depth + 1)
  }
  // find goes down a way of names and opens its last entry if that has others below it.
  const find = async way => {
    let place = { position: -1, depth: 0 }
    for (const name of way) place = (await below(place.position, place.depth)).find(e => e.name === name)
    if (way.length && !(await below(place.position, place.depth)).length) {
      const expander = c.page.locator('#menu table.tree > tbody > tr').nth(place.position).locator('.expander')
      if (await expander.evaluate(e => getComputedStyle(e).visibility) === 'visible') {
        await expander.click()
        await c.settle()
      }
    }
    return below(place.position, place.depth)
  }
  const collect = async way => {
    const children = (await find(way)).map(e => e.name)
    if (!children.length) ways.push(way)
    for (const name of children) await collect([...way, name])
  }
  await check('menu-unfolds', async () => {
    await collect([])
    must(ways.length > 20, `only ${ways.length} entries`)
    return `${ways.length} entries`
  }, 'login')
  for (const way of ways) {
    const name = way.join('/')
    await check('opens-' + name.replace(/\W+/g, '-'), async () => {
      const opened = c.openMenu(name)
      opened.catch(() => {}) // it waits for a tab, and a wizard asks in a dialog
      await Promise.race([opened, c.dialog().waitFor()])
      if (await c.dialog().count()) return c.clickButton('Cancel')
      if (await c.tab().locator('.toolbar button[id="switch_"]:not([disabled])').count()) await c.switchView()
      await c.settle()
      await c.closeTab()
    }, 'menu-unfolds')
  }
}

// An administrator sets an account of Stripe and a journal up, and uses them.
async function setup(c, ref, run, check) {
  const tag = Date.now().toString(36)
  await check('stripe-account-created', async () => {
    await c.openMenu('Financial/Configuration/Payments/Stripe Accounts')
    await c.newRecord()
    await c.setField('Name', `Shop ${tag}`)
    await c.setField('Secret Key', `sk_test_${tag}`)
    await c.setField('Publishable Key', `pk_test_${tag}`)
    await c.save()
    await c.reload()
    must(await c.getField('Name') === `Shop ${tag}`, 'the name did not stay')
  }, 'login')
  await check('stripe-journal-created', async () => {
    await c.openMenu(ref.menu.journals)
    await c.newRecord()
    await c.setField('Name', `Cards ${tag}`)
    await c.setField('Currency', ref.currency)
    await c.setField('Process Method', 'Stripe')
    await c.setField('Account', `Shop ${tag}`)
    await c.save()
  }, 'stripe-account-created')
  const amount = `${100 + Math.floor(Math.random() * 800)}.${10 + Math.floor(Math.random() * 90)}`
  await check('its-payment-approved', async () => {
    await c.openMenu(ref.menu.payments)
    await c.newRecord()
    await c.setField('Journal', `Cards ${tag}`)
    await c.setField('Kind', 'Receivable')
    await c.setField('Party', ref.other_party)
    await c.setField('Amount', amount)
    await c.save()
    await c.clickButton('Approve')
    const state = await c.getField('State')
    must(state === 'Approved', `state ${state}`)
  }, 'stripe-journal-created')
  await check('its-checkout-page', async () => {
    const url = await c.urlOf(() => c.clickButton('Stripe Checkout'))
    const page = await (await fetch(url)).text()
    must(page.includes(amount), `the page does not name ${amount}`)
    return url
  }, 'its-payment-approved')
}
