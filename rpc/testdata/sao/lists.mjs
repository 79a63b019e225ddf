// Lists: what a clerk looks for, sorts, brings in and takes out.

// shift is the day some days from now as the interface's English writes it.
function shift(days) {
  const [year, month, date] = day(days).split('-')
  return `${month}/${date}/${year}`
}

async function lists(c, ref, run, check) {
  const [north, south] = [`North ${run.tag}`, `South ${run.tag}`]
  await check('parties-imported', async () => {
    await c.openMenu('Party/Parties')
    await c.importCSV(`Name,Addresses/Street,Addresses/City\n${north},Rue 1,Lille\n,Rue 2,Calais\n${south},Rue 3,Nice\n`)
    await c.told(/2 records? imported/)
    await c.search(run.tag)
    const names = await c.column('Name')
    must(names.length === 2, `${names}`)
    await c.openRow({ Name: north })
    must(tidy(await (await c.many('Addresses')).locator('.badge').innerText()).endsWith('/ 2'), 'not two addresses')
  }, 'login')

  const titles = 'Journal,Party,Kind,Amount,Date,Description\n'
  const line = (party, kind, amount, days) => `${ref.manual_journal},${party},${kind},${amount},${day(days)},"list, ""${run.tag}"""\n`
  await check('import-tells-the-bad-row', async () => {
    await c.openFresh(ref.menu.payments, 'All')
    await c.importCSV(titles + line(north, 'Receivable', '11.00', 1) + line('Nobody ' + run.tag, 'Receivable', '12.00', 2))
    const said = await c.told(/Nobody/)
    await c.search(`Party: "${run.tag}"`)
    must(!(await c.listRows()).length, 'part of it was imported')
    return said
  }, 'parties-imported')
  await check('payments-imported', async () => {
    await c.importCSV(titles + line(north, 'Receivable', '11.00', 1) + line(north, 'Payable', '12.00', 2) + line(south, 'Receivable', '13.50', 3) +
      line(south, 'Payable', '14.00', 4) + line(north, 'Receivable', '15.25', 5) + line(south, 'Receivable', '116.00', 6))
    await c.told(/6 records imported/)
  }, 'parties-imported')

  const finds = async (text, ...amounts) => {
    await c.search(`Party: "${run.tag}" ${text}`)
    const found = (await c.column('Amount')).map(a => a.replace(/[^\d.]/g, '')).sort().join(' ')
    must(found === amounts.sort().join(' '), `"${text}" finds ${found} instead of ${amounts.join(' ')}`)
  }
  await check('searches', async () => {
    const all = ['11.00', '12.00', '13.50', '14.00', '15.25', '116.00']
    await finds('', ...all)
    await finds('Amount: 13.50', '13.50')
    await finds('Amount: !13.50', '11.00', '12.00', '14.00', '15.25', '116.00')
    await finds('Amount: >14', '15.25', '116.00')
    await finds('Amount: >=14', '14.00', '15.25', '116.00')
    await finds('Amount: <12', '11.00')
    await finds('Amount: 12..14', '12.00', '13.50', '14.00')
    await finds('Amount: 11;116', '11.00', '116.00')
    await finds(`Date: ${shift(2)}`, '12.00')
    await finds(`Date: <=${shift(2)}`, '11.00', '12.00')
    await finds(`Date: ${shift(2)}..${shift(4)}`, '12.00', '13.50', '14.00')
    await finds('Kind: Payable', '12.00', '14.00')
    await finds('Kind: !Payable', '11.00', '13.50', '15.25', '116.00')
    await finds('State: Draft;Approved', ...all)
    await finds('State: Failed')
    await finds(`Journal: "${ref.manual_journal}"`, ...all)
    await finds(`Journal: ="${ref.journal}"`)
    await finds(`Party: North`, '11.00', '12.00', '15.25')
    await finds(`Party: !North`, '13.50', '14.00', '116.00')
    await finds(`Party: ="${south}"`, '13.50', '14.00', '116.00')
    await finds('(Amount: 11 or Amount: 12)', '11.00', '12.00')
    await finds('Amount: 11 or Kind: Payable', '11.00', '12.00', '14.00')
  }, 'payments-imported')
  await check('filter-dialog', async () => {
    await c.tab().locator('.filter-box button').filter({ hasText: exactly('Filters') }).click()
    const dialog = c.dialog()
    await dialog.locator('#filter-account\\.payment-party').fill(run.tag)
    const bounds = dialog.locator('[id="filter-account.payment-amount"] input')
    await bounds.first().fill('12')
    await bounds.first().press('Tab') // the client now takes the first bound for the second, too
    await c.settle()
    await bounds.last().fill('15.25')
    await bounds.last().press('Tab')
    await dialog.locator('select[id^="filter-account.payment-kind"]').selectOption({ label: 'Receivable' })
    await dialog.locator('button[type=submit]').click()
    await c.settle()
    const amounts = (await c.column('Amount')).map(a => a.replace(/[^\d.]/g, '')).sort().join(' ')
    must(amounts === '13.50 15.25', amounts)
    return c.tab().locator('.filter-box input[placeholder=Search]').inputValue()
  }, 'payments-imported')

  await check('bookmark', async () => {
    const named = `Big ${run.tag}`, text = `Party: "${run.tag}" Amount: >100`
    await c.search(text)
    await c.tab().locator('.filter-box button[title="Bookmark this filter"]').click()
    await c.answer('OK', named)
    await c.openFresh(ref.menu.payments, 'All')
    await c.tab().locator('.filter-box button[title=Bookmarks]').click()
    await c.tab().locator('.filter-box a[role=menuitem]').filter({ hasText: exactly(named) }).click()
    await c.settle()
    const amounts = await c.column('Amount')
    must(amounts.length === 1 && amounts[0].includes('116.00'), `${amounts}`)
    await c.tab().locator('.filter-box button[title="Remove this bookmark"]').click()
    await c.settle()
    must(!await c.tab().locator('.filter-box button[title="Remove this bookmark"]').count(), 'it stays')
  }, 'searches')

  await check('tabs-count', async () => {
    await c.search('')
    const counts = await c.counts()
    for (const name of Object.keys(counts)) {
      if (counts[name] === '') continue
      await c.chooseTab(name)
      const shown = (await c.toolbarCount())
      must(String(shown) === counts[name] || counts[name] === '99+', `${name} counts ${counts[name]}, shows ${shown}`)
    }
    must(Number(counts.Draft) >= 6, JSON.stringify(counts))
    await c.chooseTab('All')
    return JSON.stringify(counts)
  }, 'payments-imported')

  await check('sorts', async () => {
    await c.search(`Party: "${run.tag}"`)
    const numbers = async () => (await c.column('Amount')).map(a => Number(a.replace(/[^\d.]/g, ''))).join(' ')
    await c.sortBy('Amount')
    must(await numbers() === '11 12 13.5 14 15.25 116', `ascending ${await numbers()}`)
    await c.sortBy('Amount')
    must(await numbers() === '116 15.25 14 13.5 12 11', `descending ${await numbers()}`)
    await c.sortBy('Party')
    const parties = await c.column('Party')
    must(parties.join() === [...parties].sort().join() && parties[0] === north, `by party ${parties}`)
    await c.sortBy('Party')
    must((await c.column('Party'))[0] === south, 'not descending by party')
    for (const title of ['Date', 'State', 'Journal', 'Kind']) await c.sortBy(title)
  }, 'payments-imported')

  await check('exports', async () => {
    await c.search(`Party: "${run.tag}" Amount: <12`)
    await c.row({ Amount: '11.00' })
    await c.tool('export')
    const file = await c.download(() => c.dialog().locator('button[type=submit]').click())
    await c.told(/1 record saved/)
    const text = file.body.toString()
    must(text.includes(north) && text.includes('11'), text)
    return `${file.name}: ${tidy(text)}`
  }, 'payments-imported')
  await check('saved-export', async () => {
    await c.tool('export')
    const press = name => c.dialog().locator('button').filter({ hasText: exactly(name) }).click()
    await press('Clear')
    for (const field of ['Amount', 'Description']) {
      await c.dialog().locator('.column-fields').first().locator('> li').filter({ hasText: exactly(field) }).click()
      await press('Add')
    }
    await press('Save Export')
    await c.answer('OK', `Sums ${run.tag}`)
    await c.dialog().locator('.predef-exports li').filter({ hasText: `Sums ${run.tag}` }).waitFor()
    await press('Cancel')
    await c.openFresh(ref.menu.payments, 'All') // the print menu is made with the tab
    await c.search(`Party: "${run.tag}" Amount: <12`)
    await c.selectRow({ Amount: '11.00' })
    const file = await c.download(() => c.take('print', `Sums ${run.tag}`))
    must(file.body.toString().includes(`list, ""${run.tag}""`), file.body.toString())
    await c.tool('export')
    await c.dialog().locator('.predef-exports li').filter({ hasText: `Sums ${run.tag}` }).click()
    await press('Delete Export')
    await c.settle()
    must(!await c.dialog().locator('.predef-exports li').filter({ hasText: `Sums ${run.tag}` }).count(), 'it stays')
    await press('Cancel')
    return tidy(file.body.toString())
  }, 'exports')

  await check('duplicates', async () => {
    await c.search(`Party: "${run.tag}" Amount: >100`)
    await c.selectRow({ Amount: '116.00' })
    await c.tool('copy')
    await c.reload()
    const rows = await c.listRows()
    must(rows.length === 2 && rows.every(row => row.Amount.includes('116.00')), JSON.stringify(rows))
    await c.selectRow({ Amount: '116.00' })
    await c.removeRecord()
    await c.reload()
    must((await c.listRows()).length === 1, 'not deleted')
  }, 'payments-imported')

  await check('pages', async () => {
    await c.openMenu('Administration/Models/Models/Data')
    const first = (await c.listRows())[0]
    await c.tab().locator('.filter-box button[title=Next]').click()
    await c.settle()
    const second = (await c.listRows())[0]
    must(second && JSON.stringify(first) !== JSON.stringify(second), 'the next page begins as the first')
    await c.tab().locator('.filter-box button[title=Previous]').click()
    await c.settle()
    must(JSON.stringify((await c.listRows())[0]) === JSON.stringify(first), 'not back on the first page')
    await c.closeTab()
  }, 'login')

  await check('inactive-shown', async () => {
    await c.openFresh('Party/Parties')
    await c.search(`Name: "${south}"`)
    await c.openRow({ Name: south })
    await c.setField('Active', false)
    await c.save()
    await c.switchView()
    await c.reload()
    must(!(await c.listRows()).length, 'still shown')
    await c.tab().locator('.filter-box button[title="Show inactive records"]').click()
    await c.settle()
    await c.openRow({ Name: south })
    await c.setField('Active', true)
    await c.save()
  }, 'parties-imported')

  await check('tree-unfolds', async () => {
    await c.openFresh('Party/Categories/Categories')
    await c.newRecord()
    await c.setField('Name', `Root ${run.tag}`)
    await c.save()
    await c.newRecord()
    await c.setField('Name', `Leaf ${run.tag}`)
    await c.setField('Parent', `Root ${run.tag}`)
    await c.save()
    await c.openFresh('Party/Categories')
    await c.unfold(`Root ${run.tag}`)
    must((await c.column('Name')).includes(`Leaf ${run.tag}`), 'the leaf is not below the root')
  }, 'login')
}
