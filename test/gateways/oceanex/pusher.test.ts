import { once } from 'node:events'
import t from 'tap'
import { WebSocket } from 'ws'
import { createContext } from '../../../gateways/oceanex/context.ts'
import { DayWindows } from '../../../gateways/oceanex/day-window.ts'
import { Keys } from '../../../gateways/oceanex/keys.ts'
import { createMarkets } from '../../../gateways/oceanex/market.ts'
import { createOrder } from '../../../gateways/oceanex/orders.ts'
import { PusherFeed } from '../../../gateways/oceanex/pusher.ts'
import { prepareVenue } from '../../../gateways/oceanex/venue.ts'
import { bidAsk } from '../../../gateways/oceanex/views.ts'
import { openCore } from '../../support/core.ts'
import { type Json, openDoor, TestTimers, user, usualSettings } from './support.ts'

/** A reader of the Pusher feed. */
class Reader {
  readonly socket: WebSocket
  readonly messages: Json[] = []
  readonly closed: Promise<number>
  #taken = 0

  constructor(url: string) {
    this.socket = new WebSocket(`${url}a-key?protocol=7&client=js&version=4.3.1&flash=false`)
    this.socket.on('message', (data) => this.messages.push(JSON.parse(`${data}`)))
    this.closed = new Promise((resolve) => this.socket.once('close', resolve))
  }

  async next(): Promise<Json> {
    while (this.messages.length <= this.#taken) await once(this.socket, 'message')
    this.#taken += 1
    return this.messages[this.#taken - 1]
  }

  send(event: string, data: object = {}): void {
    this.socket.send(JSON.stringify({ event, data }))
  }

  /** Everything that was written before a ping's answer. */
  async rest(): Promise<Json[]> {
    this.send('pusher:ping')
    const messages: Json[] = []
    for (let one = await this.next(); one.event !== 'pusher:pong'; one = await this.next()) messages.push(one)
    return messages
  }
}

async function openFeed(t: Parameters<typeof openDoor>[0]) {
  const opened = await openDoor(t)
  const reader = async () => {
    const one = new Reader(opened.door.pusherUrl)
    t.teardown(() => one.socket.terminate())
    const { event, data } = await one.next()
    if (event !== 'pusher:connection_established') throw new Error(event)
    return { one, hello: JSON.parse(data) }
  }
  const [alice, bob] = [await opened.loggedIn('IDALICE'), await opened.loggedIn('IDBOB')]
  return { ...opened, reader, alice, bob }
}

t.test(
  'OX-054 who subscribes is told so, then the book, and every trade, as texts inside of texts',
  async (t) => {
    const { reader, alice, bob, timers, clock } = await openFeed(t)
    await alice.order('sell', 0.5, 10)
    const { one, hello } = await reader()
    t.match(hello, { socket_id: /^\d+\.\d+$/, activity_timeout: 120 })
    const channel = 'market-vetusdt-global'
    one.send('pusher:subscribe', { channel })
    t.strictSame(await one.rest(), [
      { event: 'pusher_internal:subscription_succeeded', channel, data: '{}' },
      { event: 'update', channel, data: JSON.stringify({ asks: [['0.5', '10.0']], bids: [] }) },
    ])
    const trades = 'market-vetusdt-trade-global'
    one.send('pusher:subscribe', { channel: trades })
    t.match(await one.rest(), [{ event: 'pusher_internal:subscription_succeeded', channel: trades }])

    await bob.order('buy', 0.5, 4)
    const date = Math.floor(clock.now / 1_000_000)
    const trade = { tid: 1, type: 'buy', date, price: '0.5', amount: '4.0' }
    t.strictSame(await one.rest(), [
      { event: 'trades', channel: trades, data: JSON.stringify({ trades: [trade] }) },
    ])
    timers.pass(100)
    timers.pass(100)
    t.strictSame(await one.rest(), [
      { event: 'update', channel, data: JSON.stringify({ asks: [['0.5', '6.0']], bids: [] }) },
    ])
    one.send('pusher:unsubscribe', { channel })
    await one.rest()
    await bob.order('buy', 0.5, 2)
    timers.pass(100)
    t.match(await one.rest(), [{ event: 'trades' }])
  },
)

t.test('tickers come at once, and once a second when one changed', async (t) => {
  const { reader, alice, timers } = await openFeed(t)
  const { one } = await reader()
  one.send('pusher:subscribe', { channel: 'market-global' })
  const [, first] = await one.rest()
  t.match(first, { event: 'tickers', channel: 'market-global' })
  t.match(JSON.parse(first.data), { vetusdt: { sell: '0.0' }, vetbtc: { sell: '0.0' } })
  timers.pass(1000)
  t.strictSame(await one.rest(), [])
  await alice.order('sell', 0.5, 10)
  timers.pass(1000)
  timers.pass(1000)
  const told = await one.rest()
  t.equal(told.length, 1)
  t.match(JSON.parse(told[0].data), { vetusdt: { sell: '0.5' } })
})

t.test(
  'a channel that is none and a message that is none are refused, and the connection stays',
  async (t) => {
    const { reader } = await openFeed(t)
    const { one } = await reader()
    one.send('pusher:subscribe', { channel: 'market-nousdt-global' })
    one.send('pusher:subscribe', { channel: 7 })
    one.send('pusher:subscribe')
    one.send('client-hello', {})
    for (const text of ['nonsense', '7', '{}']) one.socket.send(text)
    const told = await one.rest()
    t.equal(told.length, 6)
    for (const message of told)
      t.match(message, { event: 'pusher:error', data: { code: null, message: String } })
  },
)

t.test('who reads too slowly misses books but no trade, and is let go before it costs much', async (t) => {
  const { exchange, clock } = await openCore()
  const timers = new TestTimers()
  const settings = { ...usualSettings, users: [user('IDALICE')], selfTrade: 'allow' as const }
  const markets = createMarkets(settings.markets)
  await prepareVenue(exchange, settings, markets)
  const { windows } = await DayWindows.open(exchange, settings.venue, markets.values(), clock())
  const keys = new Keys(exchange, settings, () => 0)
  const log = { info() {}, warn() {}, error() {} }
  const context = createContext({ exchange, settings, log, clock, markets, keys, windows })
  const feed = new PusherFeed(context, timers.every)
  const written: string[] = []
  const stream = { writableLength: 0, write: (bytes: Buffer) => written.push(`${bytes}`) > 0, once: () => {} }
  let closedWith = 0
  const socket = {
    readyState: 1,
    ping() {},
    close(code: number) {
      closedWith = code
    },
    terminate() {},
    on() {},
  }
  const take = feed.open(stream, socket)
  for (const channel of ['market-vetusdt-global', 'market-vetusdt-trade-global'])
    take(JSON.stringify({ event: 'pusher:subscribe', data: { channel } }))
  const trade = async (unsent: number) => {
    written.length = 0
    stream.writableLength = unsent
    for (const side of ['sell', 'buy'])
      await createOrder(context, user('IDALICE'), { market: 'vetusdt', side, price: 1, volume: 1 }, bidAsk)
    timers.pass(100)
    return written.map((text) => /"event":"(\w+)"/.exec(text)?.[1])
  }
  t.strictSame(await trade(1024 * 1024), ['trades', 'update'])
  t.strictSame(await trade(1024 * 1024 + 1), ['trades'])
  t.equal(closedWith, 0)
  t.strictSame(await trade(4 * 1024 * 1024 + 1), [])
  t.equal(closedWith, 1013)
  feed.close()
})

t.test('at a stop readers are told', async (t) => {
  const { reader, door } = await openFeed(t)
  const { one } = await reader()
  await door.close()
  t.equal(await one.closed, 1001)
})
