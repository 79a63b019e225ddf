// The account's buttons in an administrator's hands: keys, webhook, secrets, and the events that it brings.

// stripeAccount has the demo's account brought events by a webhook, as it stays from then on.
async function stripeAccount(c, ref, run, check) {
  const endpoints = async () => (await objects('webhook_endpoints')).map(e => e.url)
  await check('keys-tested', async () => {
    await c.openFresh('Financial/Configuration/Payments/Stripe Accounts')
    await c.openRow({ Name: ref.account })
    await c.clickButton('Test Keys')
    return shows(c, 'Stripe Says', /test/i)
  }, 'login')
  const webhook = 'Webhook Signing Secret', unsigned = () => c.tab().locator('label:visible').filter({ hasText: 'There is no signing secret' }).count()
  await check('url-without-secret-warns', async () => {
    if (await c.getField('Webhook Endpoint')) { // of an earlier run
      await c.clickButton('New URL')
      await c.answer('OK')
      await shows(c, 'Webhook Endpoint', '')
    }
    await c.clickButton('New URL')
    await c.answer('Cancel')
    await c.reload() // the client shows the button as pressed until then
    says(await c.getField('Webhook Endpoint'), '')
    await c.clickButton('New URL')
    await c.answer('OK')
    await shows(c, 'Webhook Endpoint', /\/webhook\//)
    must(await unsigned(), 'the form does not warn of an unsigned webhook')
  }, 'keys-tested')
  await check('webhook-created', async () => {
    await c.clickButton('Create Webhook at Stripe')
    await shows(c, 'Endpoint at Stripe', /^we_/)
    must(/^whsec_/.test(await c.getField(webhook)), 'no secret')
    must(!await unsigned(), 'the form still warns')
    const url = await c.getField('Webhook Endpoint')
    says(await endpoints(), [url])
    return url
  }, 'url-without-secret-warns')
  await check('secret-renewed-and-retired', async () => {
    const [endpoint, secret] = [await c.getField('Endpoint at Stripe'), await c.getField(webhook)]
    await c.clickButton('Create Webhook at Stripe')
    await shows(c, 'Previous Signing Secret', secret)
    must(await c.getField('Endpoint at Stripe') !== endpoint && await c.getField(webhook) !== secret, 'the secret is the same')
    says((await endpoints()).length, 2)
    await c.clickButton('Retire Previous Secret')
    await c.answer('OK')
    await shows(c, 'Previous Signing Secret', 'not shown')
    for (const end = Date.now() + PATIENCE; (await endpoints()).length > 1; await c.page.waitForTimeout(100)) {
      must(Date.now() < end, 'the previous endpoint stays at Stripe')
    }
  }, 'webhook-created')
  await check('keys-in-use-warned-of', async () => {
    const change = async (key, answer) => {
      await c.setField('Secret Key', key)
      await c.press('save')
      const dialog = c.page.locator('.user-warning-dialog.in')
      await dialog.waitFor()
      const said = tidy(await dialog.innerText())
      must(/You are changing the key/.test(said), said)
      await c.answer(answer)
      await c.page.evaluate(() => window.driver.dialogs.splice(0))
      c.refusals.splice(0)
      return said
    }
    const said = await change('sk_test_another', 'No')
    await c.press('reload')
    await c.answer('No')
    says(await c.getField('Secret Key'), 'sk_test_reference')
    await change('sk_test_another', 'Yes')
    await c.reload()
    says(await c.getField('Secret Key'), 'sk_test_another')
    await change('sk_test_reference', 'Yes')
    await c.reload()
    says(await c.getField('Secret Key'), 'sk_test_reference')
    return said
  }, 'secret-renewed-and-retired')
  await check('keys-tested-again', async () => {
    await c.clickButton('Test Keys')
    return shows(c, 'Stripe Says', /webhook enabled|webhook is/)
  }, 'keys-in-use-warned-of')
}
