import { once } from 'node:events'
import { readdirSync, statSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import type { Browser, Page } from 'playwright-core'
import { Feed } from '../sdk/index.ts'
import { findChromium, launchChromium } from '../test/support/browser.ts'
import { type Caller, createCaller } from '../test/support/caller.ts'
import { until } from '../test/support/until.ts'
import type { Bench } from './bench.ts'
import { scriptTimes } from './page-trace.ts'
import { root, spawnPinned, stop } from './process.ts'
import { median, number } from './report.ts'

const changesPerSecond = 500

/** The page in a browser: how soon it is there, what it costs while a book moves, how soon it shows an order. */
export const page: Bench = {
  name: 'page',
  async run({ rounds, quick, progress }) {
    const chromium = findChromium()
    if (chromium === undefined) throw new Error('the page is measured with Chromium, which is not installed')
    const samples: Sample[] = []
    for (let round = 0; round < rounds; round += 1) {
      progress(`round ${round + 1}`)
      samples.push(await sample(chromium, quick ? 2 : 8))
    }
    const of = (name: keyof Sample) => samples.map((one) => one[name])
    return [
      {
        what: `script a frame at ${changesPerSecond} book changes a second`,
        unit: 'ms',
        must: 5,
        atMost: true,
        rounds: of('scriptMs'),
        note: `${number(median(of('changes')))} a second came; 95 % of frames below ${number(median(of('slowScriptMs')))} ms, ${number(median(of('framesPerSecond')))} frames/s without hardware`,
      },
      {
        what: 'order over HTTP until it is shown',
        unit: 'ms',
        must: 200,
        atMost: true,
        rounds: of('shownMs'),
        note: `the slowest ${number(Math.max(...of('slowestShownMs')))} ms`,
      },
      { what: 'first paint', unit: 'ms', must: 1000, atMost: true, rounds: of('paintMs') },
      { what: 'size of all files, gzip', unit: 'kB', must: 200, atMost: true, rounds: of('kilobytes') },
    ]
  },
}

interface Sample {
  readonly scriptMs: number
  readonly slowScriptMs: number
  readonly framesPerSecond: number
  /** What the machine came to a second; on a busy one less than was wanted. */
  readonly changes: number
  readonly shownMs: number
  readonly slowestShownMs: number
  readonly paintMs: number
  readonly kilobytes: number
}

async function sample(chromium: string, seconds: number): Promise<Sample> {
  const server = spawnPinned(
    process.execPath,
    [`${root}dist/src/cli.js`, '--memory', '--port', '0'],
    'measured',
    ['ignore', 'pipe', 'inherit'],
  )
  const [greeting] = (await once(server.stdout as NodeJS.ReadableStream, 'data')) as [Buffer]
  const url = /http:\S+/.exec(`${greeting}`)?.[0] ?? ''
  const caller = createCaller(url)
  const browser = await launchChromium(chromium)
  try {
    await fill(caller)
    const opened = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    await opened.goto(`${url}/#/TESTEX/FOOBAR`)
    await opened.getByRole('button', { name: /^Bid/ }).first().waitFor()
    const paintMs = await evaluate<number>(
      opened,
      "performance.getEntriesByName('first-contentful-paint')[0].startTime",
    )
    const shown = await shownTimes(opened, caller, seconds * 3)
    const script = await busyScript(browser, opened, url, seconds)
    return {
      ...script,
      shownMs: median(shown),
      slowestShownMs: Math.max(...shown),
      paintMs,
      kilobytes: bytes() / 1000,
    }
  } finally {
    await browser.close()
    caller.close()
    await stop(server)
  }
}

/** Twenty levels on each side. */
async function fill(caller: Caller): Promise<void> {
  for (let i = 0; i < 40; i += 1) {
    const order = i % 2 === 0 ? { direction: 'buy', price: 4999 - i } : { direction: 'sell', price: 5000 + i }
    await caller.place({ account: 'DEEP', qty: 100, ...order })
  }
}

/** Milliseconds from sending an order until it stands in the book on the page; the clock is the machine's on both sides. */
async function shownTimes(page: Page, caller: Caller, orders: number): Promise<number[]> {
  const times: number[] = []
  for (let i = 0; i < orders; i += 1) {
    // One of the best, which are on the screen.
    const price = 4998 - (i % 4) * 2
    const text = (price / 100).toFixed(2)
    const shown = evaluate<number>(
      page,
      `new Promise((resolve) => {
        const button = '[aria-label^="Bid ${text}"]'
        const quantity = () => document.querySelector(button)?.closest('tr').children[2].textContent
        const before = quantity()
        const observer = new MutationObserver(() => {
          if (quantity() === before) return
          observer.disconnect()
          requestAnimationFrame(() => resolve(performance.timeOrigin + performance.now()))
        })
        observer.observe(document.querySelector('.ladder'), { subtree: true, childList: true, characterData: true })
      })`,
    )
    // So that it watches before the order goes.
    await evaluate(page, '1')
    const sent = performance.timeOrigin + performance.now()
    await caller.place({ account: 'BOT', price, qty: 7 })
    times.push((await shown) - sent)
  }
  return times
}

async function busyScript(browser: Browser, page: Page, url: string, seconds: number) {
  const load = { isOver: false }
  const changes = change(url, load)
  await setTimeout(500)
  await browser.startTracing(page, { categories: ['devtools.timeline', 'v8', 'disabled-by-default-v8.gc'] })
  await setTimeout(seconds * 1000)
  const trace = await browser.stopTracing()
  load.isOver = true
  const done = await changes
  const times = scriptTimes(`${trace}`)
  const sorted = times.toSorted((a, b) => a - b)
  return {
    scriptMs: times.reduce((sum, ms) => sum + ms, 0) / times.length,
    slowScriptMs: sorted[Math.floor(sorted.length * 0.95)] ?? Number.NaN,
    framesPerSecond: times.length / seconds,
    changes: done,
  }
}

/** Places and cancels orders around the best prices at a steady rate until it is told to end; gives the rate. */
async function change(url: string, load: { isOver: boolean }): Promise<number> {
  const feed = new Feed({ url })
  await feed.opened()
  const resting: number[] = []
  const began = performance.now()
  let sent = 0
  let done = 0
  const send = (op: string, fields: object) =>
    void feed.request(op, { venue: 'TESTEX', ...fields }).then(({ order }) => {
      done += 1
      if (op === 'place' && order !== undefined) resting.push(order.id)
    })
  while (!load.isOver) {
    const due = ((performance.now() - began) / 1000) * changesPerSecond
    // The server takes 64 at a time.
    for (; sent < due && sent - done < 60; sent += 1) {
      if (resting.length > 60 && sent % 2 === 1) {
        send('cancel', { orderId: resting.shift() })
        continue
      }
      const off = (sent * 7) % 18
      const [side, price] = sent % 4 < 2 ? ['buy', 4999 - off] : ['sell', 5001 + off]
      const order = { account: 'BUSY', side, orderType: 'limit', price, quantity: 1 + (sent % 90) }
      send('place', { symbol: 'FOOBAR', ...order })
    }
    await setTimeout(1)
  }
  const rate = (done * 1000) / (performance.now() - began)
  await until(() => done === sent)
  feed.close()
  return rate
}

function evaluate<T>(page: Page, expression: string): Promise<T> {
  return page.evaluate(expression) as Promise<T>
}

/** What a browser loads, as it is sent packed. A typeface is packed in itself. */
function bytes(): number {
  const folder = `${root}dist/web/assets/`
  const files = readdirSync(folder).filter(
    (file) => /\.(gz|woff2)$/.test(file) && !file.startsWith('licenses'),
  )
  return files.reduce((sum, file) => sum + statSync(folder + file).size, 0)
}
