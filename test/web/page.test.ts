import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { createTestAccounts, createTestApp, listing } from '../support/app.ts'
import { findChromium, startBrowser } from '../support/browser.ts'
import { createCaller } from '../support/caller.ts'
import { cashRules, cashTerms, cashVenue, coin, limit } from '../support/cash.ts'
import { startServer } from '../support/server.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
/** For people to look at; not in git. */
const screenshots = `${root}test/web/screenshots`
mkdirSync(screenshots, { recursive: true })

const chromium = findChromium()
const skip =
  chromium === undefined && 'Chromium is not installed, and we are not root on Debian to install it'
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

t.test('the page', { skip }, async (t) => {
  t.ok(existsSync(`${root}dist/web/index.html`), 'it has been built: node scripts/setup.mjs')
  const browser = await startBrowser(t, chromium as string)
  const test = (name: string, run: (t: Test, open: Open) => Promise<void>) =>
    t.test(name, async (t) => {
      const all: Opened[] = []
      await run(t, async (url, options) => {
        const opened = await openPage(t, browser, url, options)
        all.push(opened)
        return opened
      })
      for (const { complaints } of all) t.strictSame(complaints(), [], 'nothing to complain of')
    })

  await test('shows a market from its first order on, and is there again after a restart', firstOrders)
  await test('takes prices from the book, orders by keys, and says what is wrong where it is', ticket)
  await test('fits on a phone, is light and dark, and can be read by all', looks)
  await test('lets levels be won with the mouse or by an accusation, and goes back to the markets', levels)
  await test('asks for account and key where there are keys, and keeps no key', keys)
  await test('shows a market where accounts hold money in its own units, to be watched', cashMarket)
  await test('says when there is no such market, and leads to those that there are', missing)
})

interface Opened {
  readonly page: Page
  /** What the browser complained about so far; forgotten when read. */
  complaints(): string[]
}
type Open = (url: string, options?: object) => Promise<Opened>

/** Opens the page in a browser of its own, with nothing remembered. */
async function openPage(t: Test, browser: Browser, url: string, options: object = {}): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options })
  const page = await context.newPage()
  page.setDefaultTimeout(60_000)
  let complaints: string[] = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(`${error.stack}`))
  page.on('request', (request) => {
    if (new URL(request.url()).host !== new URL(url).host) complaints.push(`asked ${request.url()}`)
  })
  t.teardown(() => context.close())
  await page.goto(url)
  return {
    page,
    complaints() {
      const told = complaints
      complaints = []
      return told
    },
  }
}

const panel = (page: Page, name: string) => page.getByRole('region', { name })
const live = (page: Page) =>
  page
    .getByRole('status')
    .filter({ hasText: /^Live$/ })
    .waitFor()

/** The order ticket's fields. */
const fieldsOf = (page: Page) => ({
  quantity: page.getByLabel('Quantity', { exact: true }),
  price: page.getByLabel('Price', { exact: true }),
  send: page.getByRole('button', { name: /^(Buy|Sell) .*FOOBAR/ }),
})

async function firstOrders(t: Test, open: Open): Promise<void> {
  const data = `${t.testdir()}/data`
  const server = await startServer(t, ['--demo', 'off', '--data', data])
  const { page, complaints } = await open(server.url)
  const caller = createCaller(server.url)
  t.teardown(() => caller.close())
  await page.getByText('Nobody offers to buy or to sell yet.').waitFor()
  await page.getByText('Play money').waitFor()
  t.match(page.url(), /#\/TESTEX\/FOOBAR$/)
  await page.screenshot({ path: `${screenshots}/empty.png` })

  await page.getByRole('button', { name: 'Place the first order' }).click()
  await page.keyboard.press('Enter')

  await page.getByText('Order 1: 100 wait at 50.00.').waitFor()
  const book = panel(page, 'Book')
  await book.getByRole('row', { name: '100 Bid 50.00: use this price 100 100' }).waitFor()
  await page.getByRole('tab', { name: 'Open orders 1' }).waitFor()

  await caller.place({ account: 'BOT', direction: 'sell', qty: 40 })
  await panel(page, 'Trades').getByRole('row', { name: 'sold at 50.00 40' }).waitFor()
  await page.getByRole('figure', { name: 'Chart, last price 50.00' }).waitFor()
  t.ok(await page.getByRole('radio', { name: '1s' }).isChecked(), 'a young market is shown by the second')
  await book.getByRole('row', { name: '60 Bid 50.00: use this price 60 60' }).waitFor()
  await panel(page, 'Position').getByText('+40').waitFor()
  await panel(page, 'Position').getByText('−2,000.00').waitFor()
  await page.getByRole('tab', { name: 'Fills' }).click()
  await page.getByRole('tabpanel').getByRole('row', { name: 'Bought 50.00 40' }).waitFor()
  await page.getByRole('tab', { name: 'Scores' }).click()
  await page.getByRole('tabpanel').getByRole('row').filter({ hasText: 'BOT' }).waitFor()

  await page.evaluate(() => Object.assign(globalThis, { isTheSame: true }))
  await server.stop('SIGKILL')
  await page.getByText('No connection, trying again').waitFor()
  await startServer(t, ['--demo', 'off', '--data', data, '--port', `${server.port}`])
  await live(page)
  await caller.place({ account: 'BOT', direction: 'sell', qty: 60 })
  await page.getByText('Nobody offers to buy or to sell yet.').waitFor()
  await panel(page, 'Position').getByText('+100').waitFor()
  await page.getByRole('tab', { name: 'Open orders', exact: true }).waitFor()
  t.equal(await page.evaluate('isTheSame'), true, 'without loading it again')
  t.ok(
    complaints().every((text) => /ERR_CONNECTION_(REFUSED|RESET)|ERR_EMPTY_RESPONSE/.test(text)),
    'the browser complained of nothing but the missing server',
  )

  await page.reload()
  await panel(page, 'Position').getByText('+100').waitFor()
  await page.getByRole('tab', { name: 'Fills' }).click()
  // The head, and the older fills.
  await page.getByRole('tabpanel').getByRole('row').nth(2).waitFor()
}

/** An app that listens, with an order to sell at 51.00 and one to buy at 49.00. */
async function quoted(t: Test) {
  const { app, exchange } = await createTestApp(t)
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const caller = createCaller(url)
  t.teardown(() => caller.close())
  await caller.place({ account: 'BOT', direction: 'sell', price: 5100, qty: 70 })
  await caller.place({ account: 'BOT', direction: 'buy', price: 4900, qty: 30 })
  return { url, caller, exchange }
}

async function ticket(t: Test, open: Open): Promise<void> {
  const { url, caller, exchange } = await quoted(t)
  const { page } = await open(url)
  const { quantity, price, send } = fieldsOf(page)

  await page.getByRole('button', { name: 'Ask 51.00' }).click()
  await page.getByRole('button', { name: 'Buy 100 FOOBAR at 51.00' }).waitFor()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  // The arrow goes across the spread.
  await page.getByRole('button', { name: 'Buy 100 FOOBAR at 49.00' }).waitFor()

  await page.keyboard.press('s')
  await page.keyboard.type('25')
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Shift+ArrowUp')
  await page.keyboard.press('Enter')
  await page.getByText('Order 3: 35 wait at 49.10.').waitFor()

  await price.fill('49.105')
  await page.keyboard.press('Enter')
  await page.getByText('Enter a price in steps of 0.01').waitFor()
  t.equal(await price.getAttribute('aria-invalid'), 'true')
  await price.fill('49.00')
  await quantity.fill('0')
  await page.keyboard.press('Enter')
  await page.getByText('Enter a whole number from 1').waitFor()
  t.equal(await quantity.getAttribute('aria-invalid'), 'true')
  t.equal(await page.evaluate('document.activeElement.id'), 'quantity')

  await page.getByRole('radio', { name: 'FOK' }).check()
  await quantity.fill('31')
  await send.click()
  await page.getByText('Order 4: 31 not traded and canceled.').waitFor()
  await page.getByRole('radio', { name: 'IOC' }).check()
  await send.click()
  await page.getByText('Order 5: sold 30 at 49.00, 1 not traded and canceled.').waitFor()
  await page.getByRole('radio', { name: 'Market' }).check()
  await page.getByRole('radio', { name: 'Buy' }).check()
  await quantity.fill('5')
  await send.click()
  await page.getByText('Order 6: bought 5 at 49.10.').waitFor()

  await page.getByRole('radio', { name: 'Limit' }).check()
  await price.fill('48.00')
  await send.click()
  await page.getByText('Order 7: 5 wait at 48.00.').waitFor()
  await page.getByRole('button', { name: 'Change order 7: buy 5 at 48.00' }).press('Enter')
  const change = page.getByRole('form', { name: 'Change order 7' })
  await page.keyboard.type('48.105')
  await page.keyboard.press('Enter')
  await change.getByText('Enter a price in steps of 0.01').waitFor()
  await readByAll(t, page)
  await page.keyboard.type('48.10')
  await page.keyboard.press('Shift+Tab')
  await page.keyboard.type('8')
  await page.keyboard.press('Enter')
  await page.getByText('Order 7: 8 wait at 48.10.').waitFor()
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.getByRole('tab', { name: 'Open orders 1' }).waitFor()
  t.match(await page.evaluate('document.activeElement.ariaLabel'), /^Cancel order 3:/)

  const setState = (state: 'halted' | 'open') =>
    exchange.submit({ type: 'set-state', venue: 'TESTEX', state }, () => {})
  await setState('halted')
  // It looks every few seconds, and when somebody looks at the list.
  await page.getByLabel('Venue').focus()
  await page.getByText('takes neither orders nor cancels until it opens again').waitFor()
  await page.getByRole('heading', { name: 'FOOBAR TESTEX Halted' }).waitFor()
  t.equal(await send.isDisabled(), true)
  await setState('open')
  await page.getByLabel('Symbol').focus()
  await page.getByRole('heading', { name: 'FOOBAR TESTEX', exact: true }).waitFor()

  await page.getByRole('button', { name: 'Cancel all' }).click()
  await page.getByText('No open orders.').waitFor()
  const { body } = await caller.get('/ob/api/venues/TESTEX/stocks/FOOBAR')
  t.match(body, { bids: [], asks: [{ price: 5100, qty: 70 }] })

  await page.getByRole('button', { name: 'Change' }).click()
  await page.getByLabel('Account').fill('not a name')
  await page.keyboard.press('Enter')
  await page.getByText('Use 1 to 20 letters, digits or underscores.').waitFor()
  await page.getByLabel('Account').fill('ME')
  await page.keyboard.press('Enter')
  await page.getByText('Trading as ME').waitFor()
  await page.reload()
  await page.getByText('Trading as ME').waitFor()
}

async function looks(t: Test, open: Open): Promise<void> {
  const { url, caller } = await quoted(t)
  for (let i = 0; i < 40; i += 1) {
    const direction = i % 3 === 0 ? 'sell' : 'buy'
    await caller.place({ account: `BOT${i % 4}`, direction, price: 4980 + ((i * 7) % 60), qty: 10 + i })
  }
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const [name, width, height] of [
      ['wide', 1280, 800],
      ['phone', 390, 844],
    ] as const) {
      const { page } = await open(url, { colorScheme, viewport: { width, height } })
      await page.getByRole('figure', { name: /^Chart, last/ }).waitFor()
      await page.getByRole('tab', { name: 'Scores' }).click()
      await page.getByRole('tabpanel').getByText('BOT1').waitFor()
      await page.screenshot({ path: `${screenshots}/${name}-${colorScheme}.png`, fullPage: true })

      t.equal(await page.evaluate('document.documentElement.scrollWidth'), width, 'nothing sticks out')
      const background = await page.evaluate(
        'getComputedStyle(document.querySelector(".panel")).backgroundColor',
      )
      t.equal(background, colorScheme === 'dark' ? 'rgb(18, 22, 28)' : 'rgb(255, 255, 255)')
      await readByAll(t, page)
      if (name === 'phone') continue

      await page.getByRole('button', { name: 'Theme: Auto' }).click()
      await page.getByRole('button', { name: 'Theme: Light' }).click()
      await page.reload()
      await page.getByRole('button', { name: 'Theme: Dark' }).waitFor()
      t.equal(await page.evaluate('getComputedStyle(document.documentElement).colorScheme'), 'dark')
      await page.keyboard.press('?')
      await page.getByRole('dialog').getByText('Single keys work outside of fields').waitFor()
    }
  }
}

/** Nothing on the page keeps people out, as far as axe can tell. */
async function readByAll(t: Test, page: Page): Promise<void> {
  await page.evaluate(axe)
  const found = (await page.evaluate('axe.run()')) as { violations: Violation[] }
  t.strictSame(
    found.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`),
    [],
    'axe finds nothing',
  )
}

interface Violation {
  readonly id: string
  readonly nodes: readonly { readonly html: string }[]
}

async function levels(t: Test, open: Open): Promise<void> {
  const server = await startServer(t, ['--demo', 'off'])
  const opened = await open(server.url)
  await firstLevel(t, opened.page)
  await accusation(t, server.url, opened)
}

async function firstLevel(t: Test, page: Page): Promise<void> {
  const level = panel(page, 'First steps')
  const own = await page.getByText(/^Trading as GUEST/).textContent()

  await page.getByRole('button', { name: 'Play First steps' }).click()
  await level.getByText('then own 100 shares').waitFor()
  await level
    .getByText(/^Day \d+ of 500$/)
    .first()
    .waitFor()
  const account = await level.getByText('Your account is').locator('strong').first().textContent()
  await page.getByText(`Trading as ${account} in this game`).waitFor()
  await page.reload()
  await page.getByText(`Trading as ${account} in this game`).waitFor()
  await level.getByText('then own 100 shares').waitFor()
  await page.screenshot({ path: `${screenshots}/level.png` })

  await page.getByRole('radio', { name: 'Market' }).check()
  const news = page.getByText(/^Order \d+: /)
  let told = 'nothing'
  // The asks may be few.
  for (let missing = 100; missing > 0; ) {
    await page.getByLabel('Quantity', { exact: true }).fill(`${missing}`)
    await page.getByRole('button', { name: `Buy ${missing}` }).click()
    told = (await news.filter({ hasNotText: told }).textContent()) as string
    const [, bought = 0] = /bought (\d+)/.exec(told) ?? []
    missing -= Number(bought)
  }
  await level.getByText('Won with 100 of 100').waitFor()
  await level.getByRole('img', { name: '3 of 3 stars' }).waitFor()
  await readByAll(t, page)
  await page.screenshot({ path: `${screenshots}/level-won.png` })
  await page.setViewportSize({ width: 390, height: 844 })
  await page.screenshot({ path: `${screenshots}/level-phone.png`, fullPage: true })
  t.equal(await page.evaluate('document.documentElement.scrollWidth'), 390, 'nothing sticks out')

  await level.getByRole('button', { name: 'Back to the markets' }).click()
  await page.getByRole('heading', { name: 'FOOBAR' }).waitFor()
  t.match(page.url(), /#\/TESTEX\/FOOBAR$/)
  t.equal(await page.getByText(/^Trading as GUEST/).textContent(), own)
  await panel(page, 'Levels').getByRole('row', { name: 'First steps 500 3 of 3 stars 100' }).waitFor()
}

async function accusation(t: Test, url: string, { page, complaints }: Opened): Promise<void> {
  const caller = createCaller(url)
  t.teardown(() => caller.close())
  const level = panel(page, 'Making amends')
  const suspect = level.getByLabel('Account', { exact: true })

  await page.setViewportSize({ width: 1280, height: 800 })
  await page.getByRole('button', { name: 'Play Making amends' }).click()
  await suspect.fill('not a name')
  await suspect.press('Enter')
  await level.getByText('Enter the name of an account').waitFor()
  await suspect.fill('NOBODY')
  await level.getByLabel('Why, in short').fill('It knew.')
  await level.getByRole('button', { name: 'Accuse NOBODY' }).click()
  await level.getByText('No such account on the venue').waitFor()
  t.equal(await page.evaluate('document.activeElement.id'), 'suspect')
  await readByAll(t, page)
  await page.screenshot({ path: `${screenshots}/accusation.png` })

  const [, venue, symbol] = /#\/(\w+)\/(\w+)$/.exec(page.url()) ?? []
  const { body } = await caller.get(`/ob/api/venues/${venue}/stocks/${symbol}/scores?format=json`)
  const { account } = body.scores.find((score: { house?: true }) => score.house === undefined)
  await suspect.fill(account)
  await suspect.press('Enter')
  await level.getByText(`You accused ${account}.`).waitFor()
  await level.getByText(/^(Won|Lost)/).waitFor()
  await page.getByText('what is traded now does not count').waitFor()
  t.equal(await suspect.count(), 0)

  await caller.call('POST', '/gm/instances/2/restart')
  await page.getByRole('heading', { name: `${venue} is gone` }).waitFor()
  await page.screenshot({ path: `${screenshots}/gone.png` })
  await readByAll(t, page)
  await page.getByRole('button', { name: 'TESTEX' }).waitFor()
  await page.getByRole('button', { name: 'Back to the markets' }).click()
  await page.getByRole('heading', { name: 'FOOBAR TESTEX' }).waitFor()
  await panel(page, 'Levels').waitFor()
  t.ok(
    complaints().every((text) => /status of 40[04]/.test(text)),
    'the browser complained of nothing but the name and the venue that are not there',
  )
}

async function keys(t: Test, open: Open): Promise<void> {
  const accounts = createTestAccounts({ ALICE: 'alice-key', BOB: 'bob-key' })
  const { app } = await createTestApp(t, { accounts })
  const { page, complaints } = await open(await app.listen({ host: '127.0.0.1', port: 0 }))
  const { send } = fieldsOf(page)
  const signIn = async (account: string, key: string) => {
    await page.getByLabel('Account').fill(account)
    await page.getByRole('textbox', { name: 'Key' }).fill(key)
    await page.keyboard.press('Enter')
  }
  await page.getByText('This exchange has keys.').waitFor()
  t.equal(await send.isDisabled(), true)

  await signIn('ALICE', 'wrong')
  await page.getByText('Nobody has this key.').waitFor()
  t.equal(await page.getByRole('textbox', { name: 'Key' }).getAttribute('aria-invalid'), 'true')
  await signIn('ALICE', 'bob-key')
  await page.getByText('The key is not that of ALICE.').waitFor()
  await signIn('ALICE', 'alice-key')
  await page.getByText('Trading as ALICE').waitFor()
  await send.click()
  await page.getByText('Order 1: 100 wait at 50.00.').waitFor()

  const kept = (await page.evaluate(
    'JSON.stringify([localStorage, sessionStorage, document.cookie])',
  )) as string
  t.notMatch(kept, /alice-key/)
  await page.reload()
  await page.getByText('This exchange has keys.').waitFor()
  await signIn('ALICE', 'alice-key')
  await page.getByRole('tab', { name: 'Open orders 1' }).waitFor()

  await page.getByRole('button', { name: 'Play First steps' }).click()
  await page.getByText(/^Trading as (?!ALICE)\w+ Sign out$/).waitFor()
  await page.getByRole('radio', { name: 'Market' }).check()
  await page.getByRole('button', { name: 'Buy 100' }).click()
  await page.getByText(/^Order \d+: bought/).waitFor()

  accounts.replace({ ALICE: 'another-key' })
  await page.getByText('Nobody has this key').waitFor()
  t.equal(await page.getByRole('textbox', { name: 'Key' }).inputValue(), '')
  await page.waitForLoadState('networkidle')
  t.ok(
    complaints().every((text) => text.includes('401')),
    'the browser complained of nothing but the old key',
  )
}

async function cashMarket(t: Test, open: Open): Promise<void> {
  const commands = [
    ...cashVenue('ANN', 'BOB'),
    limit('ANN', 'sell', 100_150, coin + coin / 2),
    limit('BOB', 'buy', 99_900, coin / 4),
    ...listing('TESTEX', 'FOOBAR'),
    {
      type: 'create-venue',
      venue: 'BANK',
      rules: { ...cashRules, selfTrade: 'allow', accounts: 'by-order' },
    },
    { type: 'list-instrument', venue: 'BANK', symbol: 'GOLD', terms: { ...cashTerms, base: 'CRYPTO' } },
  ] as const
  const { app } = await createTestApp(t, { commands, settings: { closedVenues: new Set(['CXGAME']) } })
  const { page } = await open(await app.listen({ host: '127.0.0.1', port: 0 }))
  const book = panel(page, 'Book')

  await book.getByRole('row', { name: '1,001.50 1.5 1.5' }).waitFor()
  await book.getByRole('row', { name: '999.00 0.25 0.25' }).waitFor()
  await page.getByText('Here it can be watched.').waitFor()
  await page.getByText('Reference').waitFor()
  t.equal(await book.getByRole('button').count(), 0)
  t.equal(await page.getByRole('textbox').count(), 0)
  await page.getByRole('tabpanel').getByRole('row').filter({ hasText: 'ANN' }).waitFor()
  await page.screenshot({ path: `${screenshots}/cash.png` })

  await page.getByRole('tabpanel').getByRole('row', { name: '1 ANN 20,002.50 10 10,000.00' }).waitFor()

  await page.getByLabel('Venue').selectOption('TESTEX')
  await page.getByText('Nobody offers to buy or to sell yet.').waitFor()
  t.match(page.url(), /#\/TESTEX\/FOOBAR$/)
  await page.goBack()
  await page.getByText('Here it can be watched.').waitFor()

  await page.getByLabel('Venue').selectOption('BANK')
  await page.getByText('The first order that is taken opens the account.').waitFor()
  await page.getByLabel('Quantity', { exact: true }).fill('0.5')
  await page.getByLabel('Price', { exact: true }).fill('999.00')
  await page.getByRole('button', { name: 'Buy 0.5 GOLD at 999.00' }).click()
  await page.getByText('Order 1: 0.5 wait at 999.00.').waitFor()
  await panel(page, 'Balances').getByText('9,500.50').waitFor()
  await panel(page, 'Balances').getByText('499.50').waitFor()
  await page.getByLabel('Quantity', { exact: true }).fill('11')
  await page.keyboard.press('Enter')
  await page.getByText('Not enough available.').waitFor()
  await page.getByRole('button', { name: 'Change order 1: buy 0.5 at 999.00' }).click()
  await page.keyboard.type('900')
  await page.keyboard.press('Enter')
  await page.getByText('Order 1: 0.5 wait at 900.00.').waitFor()
  await page.screenshot({ path: `${screenshots}/bank.png` })
}

async function missing(t: Test, open: Open): Promise<void> {
  const { app, exchange } = await createTestApp(t, { commands: listing('TESTEX', 'FOOBAR', 'BARFOO') })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  // The browser itself tells of the 404 of a venue.
  const { page } = await open(`http://localhost:${port}/#/TESTEX/GONE`)

  await page.getByText('There is no GONE on TESTEX').waitFor()
  await exchange.submit({ type: 'list-instrument', venue: 'TESTEX', symbol: 'GONE' }, () => {})
  await page.getByRole('heading', { name: 'GONE TESTEX' }).waitFor()
  await page.goto(`http://localhost:${port}/#/TESTEX/NOPE`)
  await page.getByRole('button', { name: 'TESTEX' }).click()
  await page.getByText('Nobody offers to buy or to sell yet.').waitFor()
  await page.getByLabel('Symbol').selectOption('BARFOO')
  await page.getByRole('heading', { name: 'BARFOO' }).waitFor()
}
