import t from 'tap'
import { lots, micros, ticks } from '../../src/domain/units.ts'
import { MemoryLog } from '../../src/log/memory-log.ts'
import type { Instrument } from '../../src/port.ts'
import { BookChanges } from '../../src/projections/channels/book-changes.ts'
import { RowRing } from '../../src/projections/channels/row-ring.ts'
import { TradeChanges } from '../../src/projections/channels/trade-changes.ts'
import { bytesPerWindow, changesPerWindow, Windows } from '../../src/projections/channels/window.ts'
import { Shard } from '../../src/shard.ts'
import { listing } from '../support/app.ts'
import { createRandom, createTrading } from '../support/random-trading.ts'

const start = 1_700_000_000_000_000

async function traded(commands: number, seed = 1) {
  const log = new MemoryLog({ keep: Number.POSITIVE_INFINITY })
  let now = start
  const shard = new Shard({ log, clock: () => micros(now) })
  for (const command of listing('TESTEX', 'FOOBAR', 'BARFOO')) await shard.submit(command, () => {})
  const next = createTrading(createRandom(seed))
  for (let n = 0; n < commands; n += 1) {
    now += 1000
    await shard.submit(next(), () => {})
  }
  return { shard, log }
}

function instrumentOf(shard: Shard, symbol = 'FOOBAR'): Instrument {
  return shard.venue('TESTEX')?.instrument(symbol) as Instrument
}

function stateOf(shard: Shard) {
  return ['FOOBAR', 'BARFOO'].map((symbol) => {
    const { book, trades, quote } = instrumentOf(shard, symbol).channels
    return {
      counts: [book.last, book.since, trades.last, trades.since, quote],
      book: [...book.after(book.since)],
      trades: [...trades.after(trades.since)],
    }
  })
}

t.test('a ring of rows gives back what was put in, however it grew and was cut', async (t) => {
  const ring = new RowRing(2, 7)
  for (let n = 7; n < 1000; n += 1) {
    ring.push(n, -n)
    if (n % 3 === 0) ring.dropBefore(ring.first + 2)
  }
  t.equal(ring.end, 1000)
  const kept = Array.from({ length: ring.length }, (_, i) => ring.first + i)
  t.strictSame(
    [...ring.cells()],
    kept.flatMap((n) => [n, -n]),
  )
  ring.clear()
  t.strictSame([ring.first, ring.end, ring.bytes], [1000, 1000, 0])
})

t.test(
  'the numbers and what is kept are the same after a replay, and after a snapshot and a replay',
  async (t) => {
    const { shard, log } = await traded(3000)
    const replayed = new Shard({ log, clock: () => micros(start) })
    await replayed.replay()
    t.strictSame(stateOf(replayed), stateOf(shard))

    const { shard: half, log: halfLog } = await traded(1500)
    const records = [...half.save()].map((record) => JSON.parse(JSON.stringify(record)))
    const loaded = new Shard({ log, clock: () => micros(start) })
    loaded.load(records)
    t.strictSame(stateOf(loaded), stateOf(half))
    t.ok(halfLog.last < log.last)
    await loaded.replay()
    t.strictSame(stateOf(loaded), stateOf(shard))
  },
)

t.test('the changes after any number lead from the book as it was then to the book as it is', async (t) => {
  const log = new MemoryLog()
  const shard = new Shard({ log, clock: () => micros(start) })
  for (const command of listing('TESTEX', 'FOOBAR', 'BARFOO')) await shard.submit(command, () => {})
  const next = createTrading(createRandom(5))
  const { bids, asks, channels } = instrumentOf(shard)
  const books = [new Map<number, string>()]
  const bookNow = () =>
    new Map([...bids.orders(), ...asks.orders()].map(({ id, price, open }) => [id, `${open} at ${price}`]))
  for (let n = 0; n < 600; n += 1) {
    const before = channels.book.last
    const was = bookNow()
    await shard.submit(next(), () => {})
    const now = bookNow()
    const changed = JSON.stringify([...was].sort()) !== JSON.stringify([...now].sort())
    t.equal(channels.book.last, before + (changed ? 1 : 0))
    books[channels.book.last] = now
  }
  for (const [number, was] of books.entries()) {
    const book = new Map(was)
    for (const { id, price, open } of channels.book.after(number)) {
      if (open === 0) book.delete(id)
      else book.set(id, `${open} at ${price}`)
    }
    t.strictSame([...book].sort(), [...bookNow()].sort())
  }
})

t.test('a channel keeps so many changes and so many bytes, and counts on', async (t) => {
  const changes = new BookChanges(new Windows())
  const add = (step: number) => changes.add(step, step, 'buy', ticks(1), lots(1))
  for (let step = 1; step <= changesPerWindow + 5; step += 1) add(step)
  t.strictSame([changes.last, changes.since], [changesPerWindow + 5, 5])

  const many = bytesPerWindow / 24
  for (let i = 0; i < many - 100; i += 1) add(changesPerWindow + 6)
  t.ok(changes.bytes <= bytesPerWindow)
  t.equal(changes.last, changesPerWindow + 6)
  t.ok(changes.since > 5)

  // A change that is larger than the whole window is counted, and not kept.
  for (let i = 0; i < many + 100; i += 1) add(changesPerWindow + 7)
  t.strictSame([changes.last, changes.since], [changesPerWindow + 7, changesPerWindow + 7])
  t.strictSame([...changes.after(changes.last)], [])
  add(changesPerWindow + 8)
  t.strictSame([...changes.after(changes.since)].length, 1)
})

t.test('when all channels hold too much, what has been still the longest goes', async (t) => {
  const windows = new Windows(24_000)
  const [first, second] = [new BookChanges(windows), new BookChanges(windows)]
  const trades = new TradeChanges(windows)
  for (let step = 1; step <= 300; step += 1) first.add(step, 1, 'buy', ticks(1), lots(1))
  for (let step = 301; step <= 600; step += 1) second.add(step, 1, 'sell', ticks(1), lots(1))
  t.equal(first.since, 0)
  for (let step = 601; step <= 800; step += 1) {
    trades.add(step, { id: step, price: ticks(1), quantity: lots(1), time: micros(1), takerSide: 'buy' })
  }
  t.strictSame([first.last, first.since, first.bytes], [300, 300, 0])
  t.strictSame([second.since, trades.since], [0, 0])
  t.equal(windows.bytes, second.bytes + trades.bytes)
})
