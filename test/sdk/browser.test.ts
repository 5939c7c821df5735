import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { build } from 'vite'
import { Rest } from '../../sdk/index.ts'
import { findChromium, startBrowser } from '../support/browser.ts'
import { createRandom } from '../support/random-trading.ts'
import { startServer } from '../support/server.ts'
import type { Bot } from './bot-in-browser.ts'

t.setTimeout(120_000)

const stock = { venue: 'TESTEX', symbol: 'FOOBAR' }
const chromium = findChromium()
const skip = chromium === undefined && 'there is no Chromium'

/** A program of the client, as a bundler makes it for browsers: its files by name. */
async function bundle(): Promise<ReadonlyMap<string, string>> {
  const entry = fileURLToPath(new URL('bot-in-browser.ts', import.meta.url))
  const built = await build({
    configFile: false,
    logLevel: 'silent',
    build: { write: false, lib: { entry, formats: ['es'], fileName: 'bot' } },
  })
  const outputs = (Array.isArray(built) ? built : [built]) as {
    output: { fileName: string; code: string }[]
  }[]
  return new Map(outputs.flatMap(({ output }) => output.map(({ fileName, code }) => [fileName, code])))
}

/** That of the page. */
declare const bot: Bot

/**
 * Opens something of the server itself that has no scripts, and puts a program in. It has to be really the server's:
 * pages that are made up here are not of the local network for Chromium, and may open no sockets to it.
 */
async function open(page: Page, url: string, files: ReadonlyMap<string, string>): Promise<void> {
  await page.route(`${url}/bot/*`, (route) => {
    const name = new URL(route.request().url()).pathname.replace('/bot/', '')
    return route.fulfill({ contentType: 'text/javascript', body: files.get(name) ?? '' })
  })
  await page.goto(`${url}/health`)
  await page.addScriptTag({ type: 'module', url: `${url}/bot/bot.js` })
}

t.test('the client works in a browser', { skip }, async (t) => {
  const [files, browser] = await Promise.all([bundle(), startBrowser(t, chromium as string)])
  const data = ['--data', `${t.testdir()}/data`]
  const server = await startServer(t, data)
  const { url, port } = server
  const rest = new Rest({ url })
  const page = await browser.newPage()
  const failures: string[] = []
  page.on('pageerror', (error) => failures.push(`${error.stack}`))
  await open(page, url, files)

  const random = createRandom(17)
  const upTo = (n: number) => Math.floor(random() * n)
  const trade = async (count: number) => {
    for (let n = 0; n < count; n += 1) {
      const direction = random() < 0.5 ? 'buy' : 'sell'
      const price = 5000 + upTo(20) - 10
      const order = {
        account: `A${upTo(3)}`,
        direction,
        qty: 1 + upTo(20),
        price,
        orderType: 'limit',
      } as const
      const { id } = await rest.place(stock, order)
      if (random() < 0.3) await rest.cancel({ ...stock, id })
    }
  }
  /** That both books of the page are those of the server, whose entries are single orders. */
  const check = async (t: Test, message: string) => {
    const { bids, asks } = await rest.orderBook(stock)
    const levels = [bids, asks].map((side) => {
      const byPrice = new Map<number, { price: number; quantity: number; orders: number }>()
      for (const { price, qty } of side) {
        const { quantity, orders } = byPrice.get(price) ?? { quantity: 0, orders: 0 }
        byPrice.set(price, { price, quantity: quantity + qty, orders: orders + 1 })
      }
      return [...byPrice.values()]
    })
    const isTheirs = (wanted: string) =>
      bot.whole.isLive &&
      bot.best.isLive &&
      JSON.stringify([bot.whole.book.bids, bot.whole.book.asks]) === wanted
    await page.waitForFunction(isTheirs, JSON.stringify(levels), { timeout: 60_000 })
    t.strictSame(
      await page.evaluate(() => [bot.best.book.bids, bot.best.book.asks]),
      levels.map((side) => side.slice(0, 5)),
      message,
    )
  }

  await t.test('its bundle has nothing of ws or of Node', async (t) => {
    const text = [...files.values()].join('\n')
    t.notMatch(text, /WebSocketServer|node:|require\(/)
    t.ok(text.length < 40_000, `${text.length} bytes`)
  })

  await t.test('it keeps a book', async (t) => {
    await trade(40)
    await check(t, 'while others trade')
  })

  await t.test('it places and cancels by socket and by calls', async (t) => {
    for (const way of ['feed', 'rest'] as const) {
      const done = await page.evaluate(
        async ({ way, stock }) => {
          const orders = bot.orders[way]
          const order = { ...stock, account: 'PAGE', side: 'buy', price: 4900, quantity: 7 } as const
          const placed = await orders.place(order)
          const canceled = await orders.cancel({ ...stock, id: placed.id })
          const refused = await orders.place({ ...order, quantity: 0 }).catch((error) => error)
          return {
            placed,
            canceled,
            refused: [refused.name, refused.reason],
          }
        },
        { way, stock },
      )
      t.match(done, { placed: { account: 'PAGE', open: 7 }, canceled: { open: 0, filled: 0 } }, way)
      t.match(done.refused, ['StockyardError', /^bad_/])
    }
    await check(t, 'after its own orders')
  })

  await t.test('it goes on after the server was killed and started anew', async (t) => {
    await server.stop('SIGKILL')
    await page.waitForFunction(() => bot.feed.state !== 'open')
    await startServer(t, [...data, '--port', `${port}`])
    await trade(20)
    await check(t, 'after the restart')

    const { states, seen } = await page.evaluate(() => ({ states: bot.states, seen: bot.seen }))
    const { trades } = await rest.trades(stock)
    t.strictSame(seen, { trades: trades.map(({ id }) => id), snapshots: 1, crossed: 0 })
    t.ok(states.includes('waiting') && states.at(-1) === 'open', `${states}`)
    t.same(
      await page.evaluate(() => [bot.whole, bot.best].map(({ subscription }) => subscription.heals)),
      [0, 0],
    )
  })

  t.same(failures, [])
})
