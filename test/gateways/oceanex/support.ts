import { constants, generateKeyPairSync, sign } from 'node:crypto'
import { once } from 'node:events'
import { WebSocket } from 'ws'
import { openOceanex } from '../../../gateways/oceanex/door.ts'
import type { Every } from '../../../gateways/oceanex/session.ts'
import type { MarketSettings, OceanexSettings, UserSettings } from '../../../gateways/oceanex/settings.ts'
import { openCore, type TestCore } from '../../support/core.ts'

/** Parsed JSON; tests look at what they expect in it. */
export type Json = ReturnType<typeof JSON.parse>

interface Test {
  teardown(task: () => unknown): void
}

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
export const keyPair = { publicKey, privateKey }

export const vetusdt: MarketSettings = {
  id: 'vetusdt',
  base: 'vet',
  quote: 'usdt',
  group: 'USDT',
  enabled: true,
  pricePrecision: 6,
  amountPrecision: 2,
  askPrecision: 8,
  bidPrecision: 8,
  usdPrecision: 6,
  minimumTradingAmount: '1.0',
  askFee: '0.001',
  bidFee: '0.001',
}

export function user(uid: string, more: Partial<UserSettings> = {}): UserSettings {
  return {
    uid,
    apiKey: `K${uid}`,
    publicKey,
    balances: new Map([
      ['vet', '10000'],
      ['usdt', '1000'],
    ]),
    scopes: { query: true, trade: true, withdraw: false },
    allowedIps: undefined,
    enabled: true,
    ...more,
  }
}

export const usualSettings: OceanexSettings = {
  port: 0,
  bind: '127.0.0.1',
  pem: undefined,
  path: '/ws/v1',
  restPath: '/v1',
  pusherPath: '/app',
  venue: 'OCEANEX',
  pingInterval: 60,
  loginFailure: 'close',
  unauthorized: 'close',
  selfTrade: 'cancel_newest',
  requireExp: false,
  requestsPerSecond: 0,
  ordersPerSecond: 0,
  markets: [
    vetusdt,
    { ...vetusdt, id: 'vetbtc', quote: 'btc', group: 'BTC', minimumTradingAmount: '0.0001' },
  ],
  users: [user('IDALICE'), user('IDBOB')],
}

/** A timer that goes off when the test says so. */
export class TestTimers {
  readonly #running = new Map<() => void, number>()

  readonly every: Every = (ms, run) => {
    this.#running.set(run, ms)
    return () => this.#running.delete(run)
  }

  /** How many run whose interval is so many milliseconds. */
  count(interval: number): number {
    return [...this.#running.values()].filter((ms) => ms === interval).length
  }

  /** An interval of so many milliseconds passes. */
  pass(interval = 60_000): void {
    for (const [run, ms] of [...this.#running]) if (ms === interval) run()
  }
}

export async function openDoor(t: Test, settings: Partial<OceanexSettings> = {}, core?: TestCore) {
  const { exchange, log, clock } = core ?? (await openCore())
  const timers = new TestTimers()
  const lines: { level: string; details: Json; message: string }[] = []
  const at = (level: string) => (details: object, message: string) =>
    void lines.push({ level, details, message })
  const door = await openOceanex(
    exchange,
    { ...usualSettings, ...settings },
    {
      log: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') },
      clock,
      every: timers.every,
    },
  )
  t.teardown(() => door.close())
  const client = async () => {
    const one = new Client(door.url, () => clock.now)
    t.teardown(() => one.socket.terminate())
    await one.next()
    return one
  }
  return {
    ...{ exchange, log, clock, door, timers, lines, client },
    /** A connection that has logged in. */
    async loggedIn(uid: string) {
      const one = await client()
      await one.logIn(uid)
      return one
    },
  }
}

function signatureOf(text: string): string {
  const key = { key: privateKey, padding: constants.RSA_PKCS1_PADDING }
  return sign('sha256', Buffer.from(text), key).toString('base64')
}

/** A connection of a client, which hears its welcome as the first message. */
export class Client {
  readonly socket: WebSocket
  readonly messages: Json[] = []
  readonly closed: Promise<number>
  #taken = 0
  #lastUuid = 0
  #lastNonce = 0
  readonly #now: () => number

  /** `now`: microseconds. */
  constructor(url: string, now: () => number) {
    this.#now = now
    this.socket = new WebSocket(url)
    this.socket.on('message', (data) => this.messages.push(JSON.parse(`${data}`)))
    this.closed = new Promise((resolve) => this.socket.once('close', resolve))
  }

  /** The next message that was not taken yet. */
  async next(): Promise<Json> {
    while (this.messages.length <= this.#taken) {
      if (this.socket.readyState === WebSocket.CLOSED) throw new Error('the connection is closed')
      await Promise.race([once(this.socket, 'message'), this.closed])
    }
    this.#taken += 1
    return this.messages[this.#taken - 1]
  }

  send(frame: object): void {
    this.socket.send(JSON.stringify(frame))
  }

  /** Sends a request and gives the message of its answer, which must be the next one. */
  async ask(handler: string, action: string, args: object = {}): Promise<Json> {
    this.#lastUuid += 1
    const uuid = `u${this.#lastUuid}`
    this.send({ identifier: { handler }, command: 'message', data: { action, uuid, args } })
    const answer = await this.next()
    if (answer.identifier?.handler !== handler || answer.message?.uuid !== uuid)
      throw new Error(`no answer to ${handler} ${action}: ${JSON.stringify(answer)}`)
    return answer.message
  }

  /** The same of an answer that has to be a success; its data. */
  async done(handler: string, action: string, args: object = {}): Promise<Json> {
    const message = await this.ask(handler, action, args)
    if (message.code !== 0) throw new Error(JSON.stringify(message))
    return message.data
  }

  /** The header of a login, signed unless it brings a signature. */
  header(uid: string, more: Record<string, unknown> = {}): Record<string, unknown> {
    this.#lastNonce = Math.max(this.#lastNonce + 1, Math.floor(this.#now() / 1000))
    const { nonce = this.#lastNonce } = more
    const fields = { uid, api_key: `K${uid}`, nonce, verb: 'GET', path: '/ws/v1' }
    return { ...fields, signature: signatureOf(`GET|/ws/v1|${nonce}|`), ...more }
  }

  async logInWith(header: object): Promise<Json> {
    const identifier = { handler: 'AuthHandler' }
    this.send({ identifier, command: 'message', data: { action: 'login', uuid: 'l', args: {}, header } })
    return (await this.next()).message
  }

  async logIn(uid: string): Promise<Json> {
    const message = await this.logInWith(this.header(uid))
    if (message.code !== 0) throw new Error(JSON.stringify(message))
    return message.data
  }

  order(side: string, price: number | string, volume: number | string, more: object = {}): Promise<Json> {
    const args = { market: 'vetusdt', side, price, volume, ord_type: 'limit', ...more }
    return this.done('OrderHandler', 'create', args)
  }

  /** Free and locked of each currency. */
  async balances(): Promise<Record<string, [string, string]>> {
    const { accounts } = await this.done('AccountHandler', 'index')
    return Object.fromEntries(
      accounts.map(({ currency, balance, locked }: Json) => [currency, [balance, locked]]),
    )
  }
}
