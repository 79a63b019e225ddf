// Receipts and statements by the web client's print menu, which hands over the file.

// printed takes an entry of the print menu, and returns the file that comes: its name, and what it is.
async function printed(c, entry, name, begins) {
  const file = await c.download(() => c.take('print', entry))
  must(name.test(file.name), `the file is ${file.name} instead of ${name}`)
  must(file.body.toString('latin1').startsWith(begins), `${file.name} begins with ${file.body.toString('latin1').slice(0, 40)}`)
  return file
}

// print prints what a clerk finds in the lists, one record and several.
async function print(c, ref, run, check) {
  await check('receipts-printed', async () => {
    await c.openFresh(ref.menu.payments, 'All')
    await c.search(`Party: "${ref.other_party}" Amount: 10.00;20.50;30.25`)
    await c.selectRow({ Amount: '20.50' })
    const one = await printed(c, 'Receipt', /^Payment-\d+\.pdf$/, '%PDF-')
    fs.writeFileSync(path.join(run.out, one.name), one.body)
    await c.rows().first().locator('td.selection-state input').click()
    const both = await printed(c, 'Receipt (HTML)', /^Payment-\d+-\d+\.html$/, '<!DOCTYPE html>')
    const page = both.body.toString()
    must(page.split('<section').length === 3, 'there is not a sheet for each payment')
    must(page.includes(ref.other_party) && page.includes(ref.company) && page.includes('€20.50'), page)
    return `${one.name} (${one.body.length} bytes), ${both.name}`
  }, 'login')
  await check('receipt-printed-from-form', async () => {
    await c.openRow({ Amount: '20.50' })
    return (await printed(c, 'Receipt', /^Payment-\d+\.pdf$/, '%PDF-')).name
  }, 'receipts-printed')
  await check('statement-printed', async () => {
    await c.openFresh(ref.menu.groups)
    const tick = c.rows().first().locator('td.selection-state input')
    if (!await tick.isChecked()) await tick.click() // a row that is alone is chosen
    await c.settle()
    const pdf = await printed(c, 'Statement', /^Statement-of-Payments-\d+\.pdf$/, '%PDF-')
    fs.writeFileSync(path.join(run.out, pdf.name), pdf.body)
    const html = await printed(c, 'Statement (HTML)', /^Statement-of-Payments-\d+\.html$/, '<!DOCTYPE html>')
    must(html.body.toString().includes('<h2>By State</h2>'), html.body.toString())
    return `${pdf.name}, ${html.name}`
  }, 'login')
}
