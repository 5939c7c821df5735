import { once } from 'node:events'
import { join } from 'node:path'
import t from 'tap'
import type { ChangeOf } from '../../../schemas/feed.ts'
import { FeedClient } from '../../support/feed.ts'
import { startFeedServer } from '../../support/feed-server.ts'
import { startServer } from '../../support/server.ts'

const account = { venue: 'TESTEX', account: 'ALICE' } as const
const bid = { ...account, symbol: 'FOOBAR', side: 'buy', orderType: 'limit', price: 5000, quantity: 10 }
const later = { type: 'set-limits', limits: {} } as const

type Server = Awaited<ReturnType<typeof startFeedServer>>

/** Ends a socket, and waits until the exchange has heard of it. */
async function lose(server: Server, client: FeedClient): Promise<void> {
  const lost = server.happened((event) => event.type === 'session-changed' && event.state === 'lost')
  await client.close()
  await lost
}

/** Ids of the open orders, after so much time. */
async function openAfter(server: Server, ms: number): Promise<number[]> {
  server.wait(ms)
  await server.submit(later)
  return [...server.instrument().bids.orders()].map(({ id }) => id)
}

t.test('the last of the sockets that have armed an account takes its orders with it', async (t) => {
  const server = await startFeedServer(t)
  const [one, two, other] = [await server.connect(), await server.connect(), await server.connect()]
  for (const client of [one, two]) await client.done('arm', { ...account, graceMs: 100 })
  await other.done('place', bid)
  await other.done('subscribe', { channel: 'account', ...account, from: 1 })

  await one.close()
  t.strictSame(await openAfter(server, 1000), [1])
  await lose(server, two)
  t.strictSame(await openAfter(server, 98), [1])
  t.strictSame(await openAfter(server, 1), [])

  const [change] = (await other.got(1)) as ChangeOf<'account'>[]
  t.match(change?.events, [{ type: 'closed', orderId: 1, reason: 'disconnected', canceled: 10 }])
})

t.test('with a name it is what the socket has placed; who comes back in time keeps it', async (t) => {
  const server = await startFeedServer(t)
  const arming = { ...account, session: 'bot', graceMs: 50 }
  const first = await server.connect()
  await first.done('place', bid)
  // Sent in one go: what comes after the request is covered.
  await Promise.all([first.done('arm', arming), first.done('place', bid)])
  await lose(server, first)
  t.strictSame(await openAfter(server, 40), [1, 2])

  const second = await server.connect()
  await second.done('arm', arming)
  await second.done('place', bid)
  t.strictSame(await openAfter(server, 10_000), [1, 2, 3])
  await lose(server, second)
  t.strictSame(await openAfter(server, 50), [1])
})

t.test('disarmed, the orders stay; what cannot be armed is refused', async (t) => {
  const server = await startFeedServer(t)
  const client = await server.connect()
  await client.done('arm', { ...account, graceMs: 0 })
  await client.done('place', bid)
  await client.done('disarm', account)
  // What was disarmed is nobody's: neither that order nor one that comes later.
  await client.done('arm', { ...account, session: 'bot', graceMs: 0 })
  await client.done('disarm', { ...account, session: 'bot' })
  await client.done('place', bid)
  const refusals = [
    ['disarm', account, 'unknown_session'],
    ['arm', { ...account, venue: 'NOPE', graceMs: 1 }, 'unknown_venue'],
    ['arm', { ...account, graceMs: 3_600_001 }, 'bad_request'],
    ['arm', account, 'bad_request'],
    ['arm', { ...account, session: 'a b', graceMs: 1 }, 'bad_request'],
  ] as const
  for (const [op, fields, reason] of refusals) t.match(await client.ask(op, fields), { ok: false, reason })
  for (let n = 0; n < 16; n += 1) await client.done('arm', { ...account, session: `s${n}`, graceMs: 0 })
  const tooMany = await client.ask('arm', { ...account, session: 'one-more', graceMs: 0 })
  t.match(tooMany, { ok: false, reason: 'too_many_sessions' })

  await lose(server, client)
  t.strictSame(await openAfter(server, 1), [1, 2])
})

t.test('what ends on one socket has ended on the others, and can be armed again', async (t) => {
  const server = await startFeedServer(t)
  const arming = { ...account, session: 'bot', graceMs: 0 }
  const [one, two] = [await server.connect(), await server.connect()]
  for (const client of [one, two]) await client.done('arm', arming)
  await one.done('disarm', { ...account, session: 'bot' })
  await two.done('place', bid)
  await two.done('arm', arming)
  await two.done('place', bid)

  // The first one has it no more: so the second is the last.
  await lose(server, two)
  t.strictSame(await openAfter(server, 1), [1])
})

t.test(
  'a server that is killed has lost everybody: after it is back the grace runs, and then they go',
  async (t) => {
    const flags = ['--data', join(t.testdir(), 'data'), '--log-level', 'warn']
    const connect = async (url: string) => {
      const client = new FeedClient(`${url.replace('http', 'ws')}/ws/v1`)
      t.teardown(() => client.socket.terminate())
      await client.opened
      return client
    }
    const killed = await startServer(t, flags)
    const client = await connect(killed.url)
    await client.subscribe('book')
    await client.done('arm', { ...account, session: 'bot', graceMs: 300 })
    for (const price of [5000, 4990]) await client.done('place', { ...bid, price })
    await client.done('replace', { venue: 'TESTEX', orderId: 1, price: 5001, quantity: 7 })
    const other = await connect(killed.url)
    await other.done('place', { ...bid, account: 'BOB' })
    await client.sync()
    const last = client.messages.at(-1) as ChangeOf<'book'>
    const gone = once(killed.process, 'exit')
    killed.process.kill('SIGKILL')
    await gone

    const server = await startServer(t, flags)
    const back = await connect(server.url)
    // The numbers go on over the restart, and what came after is a change and not a snapshot.
    const [answer, own] = await Promise.all([
      back.subscribe('book', { from: last.seq }),
      back.done('subscribe', { channel: 'account', ...account, from: 3 }),
    ])
    await back.got(2)

    t.equal(answer.resumed, true)
    t.equal(own.resumed, true)
    const events = () =>
      back.messages.flatMap((message) =>
        message.channel === 'account' ? (message as ChangeOf<'account'>).events : [],
      )
    while (events().length < 2) await once(back.socket, 'message')
    t.match(events(), [
      { type: 'closed', orderId: 1, reason: 'disconnected', canceled: 7 },
      { type: 'closed', orderId: 2, reason: 'disconnected', canceled: 10 },
    ])
    await back.sync()
    const books = back.messages.filter(({ channel }) => channel === 'book') as ChangeOf<'book'>[]
    t.ok(books.every(({ type }) => type === 'change'))
    t.equal(books[0]?.prev, last.seq)
    const fresh = await connect(server.url)
    await fresh.subscribe('book')
    const [now] = await fresh.got(1)
    t.match(now, {
      bids: [[5000, 10, 1]],
      asks: [],
      seq: books.at(-1)?.seq,
      checksum: books.at(-1)?.checksum,
    })
    t.strictSame(await server.stop(), { code: 0, signal: null })
  },
)
