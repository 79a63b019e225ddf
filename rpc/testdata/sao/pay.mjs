// The main job from the client to the customer's page and back: the page is the tab that the client itself opens.

// enter types into a field of the page, which is in one document with it.
async function enter(tab, name, text) {
  await tab.locator(`[name=${name}]`).fill('')
  await tab.locator(`[name=${name}]`).pressSequentially(text)
}

// pays opens the checkout page by the client's button, pays there by a card, and returns what the page says in the end.
async function pays(c, run, card, ...shown) {
  c.page.context().removeAllListeners('page') // the driver closes what the client opens
  const [tab] = await Promise.all([c.page.context().waitForEvent('page', { timeout: PATIENCE }), c.clickButton('Stripe Checkout')])
  const wrong = []
  tab.on('pageerror', e => wrong.push(e.message))
  must(tab.url() === run.link, `the tab has ${tab.url()} instead of ${run.link}`)
  await tab.locator('#submit:enabled').waitFor({ timeout: PATIENCE })
  const text = tidy(await tab.locator('body').innerText())
  for (const words of shown) must(text.includes(words), `the page does not name ${words}: ${text}`)
  await enter(tab, 'cardnumber', card)
  await enter(tab, 'exp-date', '1240')
  await enter(tab, 'cvc', '123')
  await tab.locator('#submit').click()
  await tab.locator('#result-title:visible').waitFor({ timeout: PATIENCE })
  const said = tidy(await tab.locator('#result-title').innerText())
  await tab.screenshot({ path: path.join(run.out, 'page-paid.png') })
  await tab.close()
  must(!wrong.length, wrong.join('; '))
  return said
}

// becomes reloads the form, as a clerk does who waits, until the payment has a state.
async function becomes(c, wanted) {
  let state = ''
  for (const end = Date.now() + PATIENCE; state !== wanted; await c.page.waitForTimeout(200)) {
    must(Date.now() < end, `the state stays ${state}`)
    await c.reload()
    state = await c.getField('State')
  }
}

// processed creates a payment, approves it, has it processed once the rest is done, and opens it again.
async function processed(c, ref, values, rest) {
  await c.openFresh(ref.menu.payments, 'All')
  await c.newRecord()
  await c.setField('Journal', ref.journal)
  await c.setField('Kind', 'Receivable')
  for (const label in values) await c.setField(label, values[label])
  await c.save()
  await c.clickButton('Approve')
  if (rest) await rest()
  await c.switchView()
  await c.search(`Amount: ${values.Amount}`)
  await c.selectRow({ Amount: values.Amount })
  await c.launchAction(ref.process_action)
  await c.clickButton('Process')
  await c.openMenu(ref.menu.payments) // comes back to the tab that is open
  await c.reload()
  await c.openRow({ Amount: values.Amount })
}

// pay is a customer who pays on the page, and one whose card Stripe declines while nobody looks.
async function pay(c, ref, run, check) {
  await check('payment-waits', async () => {
    // Who is no customer of Stripe's needs the link before: there is nothing to charge without it.
    await processed(c, ref, { Party: ref.other_party, Amount: run.amount, Description: run.tag },
      async () => { run.link = await c.urlOf(() => c.clickButton('Stripe Checkout')) })
    const state = await c.getField('State')
    must(state === 'Processing', `state ${state}`)
  }, 'login')
  await check('customer-pays', async () => {
    const said = await pays(c, run, '4242424242424242', ref.company, run.tag, run.amount)
    must(said === 'Thank you, that is paid', said)
    return said
  }, 'payment-waits')
  await check('client-shows-it-succeeded', () => becomes(c, 'Succeeded'), 'customer-pays')
  await check('declined', async () => {
    const amount = (Number(run.amount) / 10).toFixed(2) // another one than above
    await processed(c, ref, { Party: 'Carl Declined', Amount: amount, 'Stripe Customer': 'cus_declined' })
    await becomes(c, 'Failed')
  }, 'login')
  await check('form-shows-why', async () => {
    const message = await c.getField('Stripe Error Message'), code = await c.getField('Stripe Error Code')
    must(message === 'Your card was declined.' && code === 'generic_decline', `${message} / ${code}`)
    return `${message} (${code})`
  }, 'declined')
}
