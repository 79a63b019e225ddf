// Stripe's buttons in a clerk's hands: what becomes of it is read in the form, and asked of the simulator.

// atStripe does something in the name of Stripe, or of a person at its dashboard.
async function atStripe(what, form) {
  const answer = await fetch(`${process.env.SIMULATOR}/_simulator/${what}`, { method: 'POST', body: new URLSearchParams(form) })
  must(answer.ok, `${what}: ${await answer.text()}`)
}

// charge is what the simulator has of the payment with a description, by its last charge.
async function charge(description) {
  const ledger = await (await fetch(`${process.env.SIMULATOR}/_simulator/ledger`)).json()
  const found = ledger.filter(line => line.description.includes(description)).at(-1)
  must(found, `Stripe knows no charge of ${description}`)
  return found
}

// objects are those of a kind that the simulator has, of all accounts.
async function objects(kind) {
  const state = await (await fetch(`${process.env.SIMULATOR}/_simulator/state`)).json()
  return Object.values(state.accounts).flatMap(account => Object.values(account[kind]?.rows || {}))
}

// shows reloads the form, as a clerk does who waits, until a field has a value.
async function shows(c, label, wanted) {
  let value
  for (const end = Date.now() + PATIENCE; ; await c.page.waitForTimeout(200)) {
    value = await c.getField(label).catch(() => 'not shown')
    if (wanted instanceof RegExp ? wanted.test(value) : value === wanted) return value
    must(Date.now() < end, `${label} stays ${value} instead of ${wanted}`)
    await c.reload()
  }
}

// says fails unless what is there is what is wanted.
function says(what, wanted) {
  must(JSON.stringify(what) === JSON.stringify(wanted), `${JSON.stringify(what)} instead of ${JSON.stringify(wanted)}`)
}

// held is a payment of the card that Stripe has of Dora, authorised only.
async function held(c, ref, amount, description) {
  await processed(c, ref, { Party: 'Dora Saved', Amount: amount, Description: description, 'Stripe Customer': 'cus_saved', 'Stripe Capture': false })
  await shows(c, 'Status at Stripe', 'requires_capture')
}

// about is an amount of at least so many hundreds, in cents, that other payments hardly have.
function about(hundreds) { return hundreds * 100 + Date.now() % 9900 }

const money = cents => (cents / 100).toFixed(2)

async function stripePayments(c, ref, run, check) {
  const [part, gone, draft] = ['part', 'gone', 'draft'].map(name => `${name} of ${run.tag}`)
  const captured = about(100)
  await check('payment-authorised', async () => {
    await held(c, ref, money(about(200)), part)
    await shows(c, 'State', 'Processing')
    says((await charge(part)).captured, 0)
    must(await c.getField('Stripe Capturable') === true, 'not capturable')
  }, 'login')
  await check('less-captured', async () => {
    await c.setField('Amount', money(captured))
    await c.clickButton('Stripe Capture')
    await shows(c, 'State', 'Succeeded')
    says(await c.getField('Amount'), money(captured))
    says((await charge(part)).captured, captured)
  }, 'payment-authorised')
  await check('calls-listed', async () => {
    await c.notebook('Calls to Stripe')
    const rows = await c.rowsIn('Calls to Stripe')
    must(rows.length >= 2, JSON.stringify(rows))
    return JSON.stringify(rows)
  }, 'less-captured')

  await refunds(c, ref, run, check, part, captured)

  await check('voided', async () => {
    await held(c, ref, money(about(300)), gone)
    await c.clickButton('Stripe Void')
    await c.answer('OK')
    await shows(c, 'State', 'Failed')
    await shows(c, 'Status at Stripe', 'canceled')
    says((await charge(gone)).captured, 0)
  }, 'login')
  await check('back-to-draft', async () => {
    await c.newRecord()
    for (const [label, value] of Object.entries({ Journal: ref.journal, Kind: 'Receivable', Party: ref.other_party, Amount: '62.02', Description: draft })) {
      await c.setField(label, value)
    }
    await c.save()
    await c.clickButton('Approve')
    const url = await c.urlOf(() => c.clickButton('Stripe Checkout'))
    await fetch(url)
    await shows(c, 'Status at Stripe', 'requires_payment_method')
    await c.clickButton('Draft')
    await shows(c, 'State', 'Draft')
    const intents = async () => (await objects('payment_intents')).filter(i => i.description?.includes(draft)).map(i => i.status)
    for (const end = Date.now() + PATIENCE; (await intents())[0] !== 'canceled'; await c.page.waitForTimeout(100)) {
      must(Date.now() < end, `intents ${await intents()}`)
    }
    const again = await fetch(url)
    must(again.status >= 400, `the link of the draft still answers ${again.status}`)
  }, 'login')
}

// refunds gives back a part of a payment, from its form, from the menu, at Stripe's dashboard, and disputes what is left.
async function refunds(c, ref, run, check, description, all) {
  const given = async () => { // Stripe counts what it did not capture as refunded
    const { amount, captured, refunded } = await charge(description)
    return refunded - (amount - captured)
  }
  await check('refund-of-too-much-refused', async () => {
    await c.notebook('Refunds')
    await c.pressIn('Refunds', 'New')
    await c.setField('Amount', money(all + 1))
    await c.clickButton('OK')
    await c.press('save')
    const said = await c.told(/more than its amount/)
    const reloaded = c.press('reload')
    await c.answer('No') // what was entered is not wanted any more
    await reloaded
    return said
  }, 'less-captured')
  await check('part-refunded', async () => {
    await c.notebook('Refunds')
    await c.pressIn('Refunds', 'New')
    await c.setField('Amount', '30.00')
    await c.setField('Reason', 'Requested by Customer')
    await c.clickButton('OK')
    await c.save()
    await c.pressInRow((await c.many('Refunds')).locator('tbody > tr').first(), 'Approve')
    await shows(c, 'Amount', money(all - 3000))
    says(await given(), 3000)
    says(await c.getField('State'), 'Succeeded')
    await c.notebook('Refunds')
    const [row] = await c.rowsIn('Refunds')
    must(row.State === 'Succeeded' && row.Reason === 'Requested by Customer', JSON.stringify(row))
    return JSON.stringify(row)
  }, 'refund-of-too-much-refused')
  await check('rest-refunded-from-the-menu', async () => {
    await c.openFresh('Financial/Payments/Stripe Refunds', 'All')
    await c.newRecord()
    await c.find('Payment', `Amount: ${money(all - 3000)}`, { Party: 'Dora Saved' })
    await c.setField('Amount', '20.00')
    await c.setField('Reason', 'Duplicate')
    await c.save()
    await c.clickButton('Approve')
    await shows(c, 'State', 'Succeeded')
    says(await given(), 5000)
    await c.clickButton('Pull from Stripe')
    await shows(c, 'State', 'Succeeded')
  }, 'part-refunded')
  await check('refund-at-the-dashboard-pulled', async () => {
    await atStripe('hold') // its events do not come before Stripe is asked
    await atStripe('refund', { charge: (await charge(description)).id, amount: '500' })
    await backTo(c, ref, money(all - 5000))
    await c.clickButton('Pull from Stripe')
    await shows(c, 'Amount', money(all - 5500))
    await atStripe('release', { twice: 'yes' })
    await c.notebook('Refunds')
    let amounts = []
    for (const end = Date.now() + PATIENCE; amounts.length < 3; await c.reload()) {
      must(Date.now() < end, `the refund is not mirrored: ${amounts}`)
      amounts = (await c.rowsIn('Refunds')).map(row => row.Amount).sort()
    }
    says(amounts, ['20.00', '30.00', '5.00'])
    says(await c.getField('Amount'), money(all - 5500))
  }, 'rest-refunded-from-the-menu')
  await check('dispute-shown', async () => {
    await atStripe('dispute', { charge: (await charge(description)).id, amount: '1000', reason: 'product_not_received' })
    await c.notebook('Description')
    await shows(c, 'Stripe Dispute Status', 'needs_response')
    says(await c.getField('Disputed Amount'), '10.00')
    says(await c.getField('Stripe Dispute Reason'), 'product_not_received')
    const due = await c.getField('Answer Dispute Until')
    must(/2\d{3}/.test(due), due)
    return due
  }, 'refund-at-the-dashboard-pulled')
  await check('part-lost-by-dispute', async () => { // the form may be older than what the webhook has brought
    await atStripe('decide_dispute', { dispute: await c.getField('Stripe Dispute ID'), won: 'false' })
    await c.clickButton('Pull from Stripe')
    await shows(c, 'Stripe Dispute Status', 'lost')
    says([await c.getField('Amount'), await c.getField('State'), await c.getField('Lost by Disputes')], [money(all - 6500), 'Succeeded', '10.00'])
  }, 'dispute-shown')
  await check('events-read-and-replayed', async () => {
    await c.take('relate', 'Stripe Events')
    await c.settle()
    const rows = await c.listRows()
    const states = new Set(rows.map(row => row.State))
    for (const type of ['charge.refunded', 'charge.dispute.created', 'charge.dispute.closed']) {
      must(rows.some(row => row.Type === type), `no ${type} in ${JSON.stringify(rows)}`)
    }
    await c.openRow({ Type: 'charge.dispute.created' })
    const before = Number(await c.getField('Attempts'))
    await c.clickButton('Replay')
    await c.reload()
    must(Number(await c.getField('Attempts')) >= before, 'not tried again')
    await c.closeTab()
    await c.reload()
    says([await c.getField('Stripe Dispute Status'), await c.getField('Amount')], ['lost', money(all - 6500)])
    return [...states].join()
  }, 'part-lost-by-dispute')
}

// backTo opens the payment of Dora that comes to an amount.
async function backTo(c, ref, amount) {
  await c.openFresh(ref.menu.payments, 'All')
  await c.search(`Amount: ${amount} Party: "Dora Saved"`)
  await c.openRow({ Amount: amount })
}

// stripeCustomer takes a card from a customer who has two, and gives the customer up.
async function stripeCustomer(c, ref, run, check) {
  const id = `cus_${Date.now().toString(36)}`
  const cards = async () => (await objects('payment_methods')).filter(m => m.customer === id).map(m => m.card.last4)
  await check('customer-linked', async () => {
    await atStripe('customer', new URLSearchParams([['key', 'sk_test_reference'], ['id', id], ['name', 'Two Cards'],
      ['method', 'pm_card_visa'], ['method', 'pm_card_mastercard']]))
    await c.openFresh(ref.menu.customers)
    await c.newRecord()
    await c.setField('Party', ref.other_party)
    await c.setField('Account', ref.account)
    await c.setField('Stripe Customer ID', id)
    await c.save()
    says((await cards()).sort(), ['4242', '4444'])
  }, 'login')
  await check('card-detached', async () => {
    await c.clickButton('Detach Source')
    const choices = await c.choices('Source')
    says(choices.length, 2)
    await c.setField('Source', choices.find(text => text.includes('4444')))
    await c.clickButton('Detach')
    for (const end = Date.now() + PATIENCE; (await cards()).length > 1; await c.page.waitForTimeout(100)) {
      must(Date.now() < end, `still ${await cards()}`)
    }
    says(await cards(), ['4242'])
    await c.clickButton('Detach Source')
    const left = await c.choices('Source')
    await c.clickButton('Cancel')
    must(left.length === 1 && left[0].includes('4242'), `${left}`)
    return choices.join(', ')
  }, 'customer-linked')
  await check('customer-pulled', async () => {
    const calls = async () => (await c.rowsIn('Calls to Stripe')).length
    const before = await calls()
    await c.clickButton('Pull from Stripe')
    for (const end = Date.now() + PATIENCE; await calls() === before; await c.reload()) must(Date.now() < end, 'Stripe was not asked')
    says(await c.getField('Stripe Customer ID'), id)
  }, 'card-detached')
  await check('customer-given-up', async () => {
    await c.reload() // the engine has written, too
    await c.setField('Active', false)
    await c.save()
    await c.switchView()
    await c.search(`Party: "${ref.other_party}"`)
    must(!(await c.listRows()).some(row => row['Stripe Customer ID'] === id), 'still listed')
  }, 'customer-pulled')
}
