import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Command, Place } from '../../src/domain/command.ts'
import { lots, micros, ticks } from '../../src/domain/units.ts'
import { unlimited } from '../../src/domain/venue.ts'
import { type OpenData, openData } from '../../src/durable/data-directory.ts'
import { dataPaths } from '../../src/durable/data-paths.ts'
import { openInlineWriter } from '../../src/log/file-log.ts'
import { nodeFileSystem } from '../../src/log/file-system.ts'
import { MemoryLog } from '../../src/log/memory-log.ts'
import { writeSnapshot } from '../../src/log/snapshot.ts'
import type { OrderRecord } from '../../src/port.ts'
import { Shard } from '../../src/shard.ts'

const openWriter = openInlineWriter(nodeFileSystem)
const clock = () => micros(1_000_000)

async function open(directory: string, warnings: string[] = []): Promise<OpenData> {
  const data = await openData({ directory, clock, warn: (text) => warnings.push(text), openWriter })
  if (data.shard.sequence === 0)
    await submit(data, { type: 'set-limits', limits: { closedOrders: unlimited } })
  return data
}

async function close({ shard, release }: OpenData): Promise<void> {
  await shard.close()
  await release()
}

function submit({ shard }: { shard: Shard }, command: Command): Promise<unknown> {
  return shard.submit(command, () => undefined)
}

const place = (changes: Partial<Place> = {}): Place => ({
  type: 'place',
  venue: 'TESTEX',
  symbol: 'FOO',
  account: 'A',
  side: 'buy',
  orderType: 'limit',
  timeInForce: 'gtc',
  price: ticks(100),
  quantity: lots(10),
  autoCreate: true,
  ...changes,
})

/** Orders of three accounts in two stocks, most of which close in one way or another. */
function flow(count: number): Command[] {
  let state = 12345
  const pick = (n: number) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    return (state >>> 8) % n
  }
  return Array.from({ length: count }, (_, n): Command => {
    if (pick(5) === 0) return { type: 'cancel', venue: 'TESTEX', orderId: 1 + pick(n + 1) }
    return place({
      symbol: pick(3) === 0 ? 'BAR' : 'FOO',
      account: `A${pick(3)}`,
      side: pick(2) === 0 ? 'buy' : 'sell',
      price: ticks(98 + pick(5)),
      quantity: lots(1 + pick(30)),
      timeInForce: pick(4) === 0 ? 'ioc' : 'gtc',
      ...(pick(3) === 0 && { clientOrderId: `c${n}` }),
    })
  })
}

const plain = (order: OrderRecord | undefined) => {
  if (order === undefined) return undefined
  const {
    id,
    venue,
    symbol,
    account,
    side,
    orderType,
    timeInForce,
    price,
    quantity,
    open,
    filled,
    closedBy,
  } = order
  const { time, clientOrderId, fillCount, fills } = order
  return JSON.stringify({
    ...{ id, venue, symbol, account, side, orderType, timeInForce, price, quantity, open, filled, closedBy },
    ...{ time, clientOrderId, fillCount, fills },
  })
}

/** A shard that keeps everything in memory: what every answer must equal. */
async function inMemory(commands: readonly Command[]): Promise<Shard> {
  const shard = new Shard({ log: new MemoryLog(), clock })
  for (const command of commands) await submit({ shard }, command)
  return shard
}

async function sameOrders(t: Test, found: Shard, wanted: Shard): Promise<void> {
  const last = wanted.venue('TESTEX')?.lastOrderId ?? 0
  for (let id = 0; id <= last + 1; id += 1) {
    const order = plain(await found.findOrder('TESTEX', id))
    if (order !== plain(await wanted.findOrder('TESTEX', id))) return void t.fail(`order ${id}: ${order}`)
  }
  for (const account of ['A0', 'A1', 'A2', 'A3']) {
    for (const symbol of [undefined, 'FOO']) {
      for (const openOnly of [false, true]) {
        for (const limit of [1, 7, 100_000]) {
          for (const before of [undefined, 5, Math.floor(last / 2)]) {
            const query = { limit, symbol, before, openOnly }
            const page = await found.findOrders('TESTEX', account, query)
            const same = await wanted.findOrders('TESTEX', account, query)
            t.strictSame([page.more, page.orders.map(plain)], [same.more, same.orders.map(plain)])
          }
        }
      }
    }
  }
}

function firstClosed(shard: Shard): number {
  let id = 1
  while (shard.venue('TESTEX')?.order(id)?.open !== 0) id += 1
  return id
}

t.test('every order that ever was is answered as if it were still in memory', async (t) => {
  const commands = flow(400)
  const wanted = await inMemory(commands)
  const data = await open(t.testdir())
  for (const command of commands) await submit(data, command)
  await sameOrders(t, data.shard, wanted)
  await data.history.flush()

  const venue = data.shard.venue('TESTEX')
  const closed = Array.from({ length: venue?.lastOrderId ?? 0 }, (_, i) => i + 1).filter(
    (id) => wanted.venue('TESTEX')?.order(id)?.open === 0,
  )
  t.ok(closed.length > 200)
  t.ok(
    closed.every((id) => venue?.order(id) === undefined),
    'closed orders have left memory',
  )
  await sameOrders(t, data.shard, wanted)
  await close(data)
})

t.test(
  'after a start, with and without a snapshot, and with the history gone, lagging or damaged',
  async (t) => {
    const commands = flow(300)
    const wanted = await inMemory(commands)
    const directory = t.testdir()
    const first = await open(directory)
    for (const command of commands.slice(0, 100)) await submit(first, command)
    await first.history.flush()
    writeSnapshot(nodeFileSystem, dataPaths(directory).snapshots, first.shard.sequence, first.shard.save())
    for (const command of commands.slice(100)) await submit(first, command)
    await close(first)

    const { history } = dataPaths(directory)
    const spoil: Record<string, () => void> = {
      whole: () => {},
      gone: () => rmSync(history, { recursive: true }),
      damaged: () => writeFileSync(join(history, 'CURRENT'), 'nonsense'),
    }
    for (const [name, harm] of Object.entries(spoil)) {
      harm()
      const warnings: string[] = []
      const data = await open(directory, warnings)
      if (name !== 'whole') {
        const early = firstClosed(wanted)
        await t.rejects(data.shard.findOrder('TESTEX', early), /being completed/, name)
        await t.rejects(data.shard.findOrders('TESTEX', 'A1', { limit: 1 }), /being completed/, name)
      }
      t.equal(warnings.length, name === 'damaged' ? 1 : 0)
      await data.completeHistory()
      await data.history.flush()
      t.equal(data.history.synced, data.shard.sequence, name)
      await sameOrders(t, data.shard, wanted)
      await close(data)
    }
  },
)

t.test('fills of a long order are read page by page, from disk and memory', async (t) => {
  const data = await open(t.testdir())
  await submit(data, place({ account: 'BIG', quantity: lots(100_000) }))
  for (let i = 0; i < 10_250; i += 250) {
    const sells = Array.from({ length: 250 }, (_, n) =>
      submit(data, place({ side: 'sell', timeInForce: 'ioc', quantity: lots(1 + ((i + n) % 3)) })),
    )
    await Promise.all(sells)
  }

  for (const isOpen of [true, false]) {
    if (!isOpen) {
      await submit(data, { type: 'cancel', venue: 'TESTEX', orderId: 1 })
      await data.history.flush()
    }
    const order = (await data.shard.findOrder('TESTEX', 1)) as OrderRecord
    t.equal(order.fillCount, 10_250)
    t.equal(order.fills.length, 10_000)
    const seen: number[] = []
    let before: number | undefined
    for (;;) {
      const page = await data.shard.findFills(order, { limit: 999, before })
      seen.unshift(...page.fills.map(({ quantity }) => quantity as number))
      if (!page.more) break
      before = page.first
    }
    t.equal(seen.length, 10_250)
    t.ok(
      seen.every((quantity, i) => quantity === 1 + (i % 3)),
      'all there, in order',
    )
  }
  t.strictSame(
    (
      await data.shard.findFills((await data.shard.findOrder('TESTEX', 1)) as OrderRecord, {
        limit: 5,
        before: 3,
      })
    ).fills.length,
    2,
  )
  await close(data)
})

t.test('a repeated client order id finds the first order, long closed and stored', async (t) => {
  const data = await open(t.testdir())
  await submit(data, place({ clientOrderId: 'mine', timeInForce: 'ioc' }))
  await data.history.flush()

  const repeated = await data.shard.submit(
    place({ clientOrderId: 'mine', timeInForce: 'ioc' }),
    ({ events }) => events[0],
  )

  t.match(repeated, { type: 'order-repeated', orderId: 1 })
  t.match(await data.shard.findOrder('TESTEX', 1), { clientOrderId: 'mine', closedBy: 'ioc', open: 0 })
  await close(data)
})
