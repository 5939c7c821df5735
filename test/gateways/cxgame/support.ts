import { once } from 'node:events'
import { WebSocket } from 'ws'
import type { AdminTimes } from '../../../gateways/cxgame/admin.ts'
import { type CxgameDoor, openCxgame } from '../../../gateways/cxgame/door.ts'
import type { CxgameSettings } from '../../../gateways/cxgame/settings.ts'
import type { GatewayLog } from '../../../gateways/log.ts'
import { openCore, type TestCore } from '../../support/core.ts'

/** Parsed JSON; tests look at what they expect in it. */
type Json = ReturnType<typeof JSON.parse>

/** Anything that takes clean-ups, as a test of tap does. */
interface Test {
  teardown(task: () => unknown): void
}

export const secret = 'a secret of admins'

export const usualSettings: CxgameSettings = {
  exchangePort: 0,
  feedPort: 0,
  bind: '127.0.0.1',
  usdStart: '10000.00',
  cryptoStart: '10.0',
  userLimit: undefined,
  timeLimit: undefined,
  whitelist: undefined,
  pem: undefined,
  adminSecret: secret,
  isStarted: true,
  isStrict: false,
  feedBacklog: 0,
  feedAddresses: false,
  onDisconnect: 'keep',
  commandsPerSecond: 0,
  exitAtEnd: false,
  venue: 'CXGAME',
}

/** Notes every line of a log. */
export interface TestLog extends GatewayLog {
  readonly lines: { level: string; details: Json; message: string }[]
}

export function createTestLog(): TestLog {
  const lines: TestLog['lines'] = []
  const at = (level: string) => (details: object, message: string) =>
    void lines.push({ level, details, message })
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

/** Times that pass only by waiting. */
export function createTestTimes(): AdminTimes & { at: number; readonly waits: number[] } {
  const times = {
    at: 0,
    waits: [] as number[],
    now: () => times.at,
    wait: (milliseconds: number) => {
      times.waits.push(milliseconds)
      times.at += milliseconds
      return Promise.resolve()
    },
  }
  return times
}

export interface TestGame extends TestCore {
  readonly door: CxgameDoor
  readonly lines: TestLog['lines']
  /** A connection of a player, or of nobody yet. */
  bot(): Promise<Bot>
  /** A connection that has registered. */
  player(name: string): Promise<Bot>
  feed(): Promise<Reader>
  /** Lets so many seconds pass, and the timers that are due. */
  pass(seconds: number): Promise<void>
}

export async function openGame(
  t: Test,
  settings: Partial<CxgameSettings> = {},
  { core, times }: { core?: TestCore; times?: AdminTimes } = {},
): Promise<TestGame> {
  const { exchange, shard, log, clock } = core ?? (await openCore())
  const testLog = createTestLog()
  const door = await openCxgame(
    exchange,
    { ...usualSettings, ...settings },
    { log: testLog, ...(times && { times }) },
  )
  t.teardown(() => door.close({ endGame: false }))
  const bot = () => Bot.connect(door.commandUrl)
  return {
    exchange,
    shard,
    log,
    clock,
    door,
    lines: testLog.lines,
    bot,
    async player(name) {
      const connection = await bot()
      await connection.registered(name)
      return connection
    },
    feed: () => Reader.open(door.feedUrl),
    async pass(seconds) {
      clock.now += seconds * 1_000_000
      // Any command lets time pass.
      await exchange.submit(
        {
          type: 'create-venue',
          venue: `T${clock.now % 1e12}`,
          rules: { rulesVersion: 1, selfTrade: 'allow' },
        },
        () => undefined,
      )
    },
  }
}

/** Messages in the order of arrival, to be waited for. */
class Inbox {
  readonly all: Json[] = []
  #taken = 0
  #arrived: (() => void) | undefined

  add(message: Json): void {
    this.all.push(message)
    this.#arrived?.()
  }

  async next(): Promise<Json> {
    while (this.#taken >= this.all.length) {
      await new Promise<void>((resolve) => {
        this.#arrived = resolve
      })
    }
    this.#taken += 1
    return this.all[this.#taken - 1]
  }
}

/** A websocket and what came in by it. */
class Line {
  readonly socket: WebSocket
  readonly inbox = new Inbox()
  /** The code of its close frame. */
  readonly closed: Promise<number>

  constructor(socket: WebSocket) {
    this.socket = socket
    socket.on('message', (data: Buffer) => this.inbox.add(JSON.parse(data.toString())))
    socket.on('error', () => {})
    this.closed = new Promise((resolve) => socket.on('close', (code) => resolve(code)))
  }

  async close(): Promise<void> {
    this.socket.close()
    await this.closed
  }
}

export class Bot extends Line {
  token = ''

  static async connect(url: string, options: object = {}): Promise<Bot> {
    const bot = new Bot(new WebSocket(url, options))
    await once(bot.socket, 'open')
    return bot
  }

  /** Sends a request as text, or a frame as it is. */
  write(frame: string | Buffer | object): void {
    this.socket.send(typeof frame === 'string' || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame))
  }

  /** Sends a frame, and gives the reply to it. */
  say(frame: string | Buffer | object): Promise<Json> {
    this.write(frame)
    return this.inbox.next()
  }

  /** The reply to a command. */
  ask(cmd: string, params: unknown = {}): Promise<Json> {
    return this.say({ cmd, params })
  }

  /** The text of the reply to a command. */
  async text(cmd: string, params: unknown = {}): Promise<string> {
    return (await this.ask(cmd, params)).message
  }

  /** The data of a command that has to be done. */
  async data(cmd: string, params: unknown = {}): Promise<Json> {
    const reply = await this.ask(cmd, params)
    if (reply.status !== true) throw new Error(`${cmd} was refused: ${reply.message}`)
    return reply.data
  }

  async registered(username: string): Promise<void> {
    this.token = await this.data('register', { username })
  }
}

export class Reader extends Line {
  static async open(url: string, options: object = {}): Promise<Reader> {
    const reader = new Reader(new WebSocket(url, options))
    await once(reader.socket, 'open')
    return reader
  }

  next(): Promise<Json> {
    return this.inbox.next()
  }

  /** The next messages, as their types and messages. */
  async take(count: number): Promise<Json[]> {
    const messages: Json[] = []
    while (messages.length < count) messages.push(await this.next())
    return messages
  }
}
