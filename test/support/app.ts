import type { FastifyInstance } from 'fastify'
import type { Accounts } from '../../src/accounts.ts'
import { buildApp } from '../../src/app.ts'
import type { EdgeSettings } from '../../src/config/config.ts'
import type { Command, Place } from '../../src/domain/command.ts'
import { lots, type Micros, micros, ticks } from '../../src/domain/units.ts'
import { defaultRules } from '../../src/domain/venue.ts'
import { createExchange, type RunningExchange } from '../../src/exchange.ts'
import type { Log } from '../../src/log/log.ts'
import { MemoryLog } from '../../src/log/memory-log.ts'
import { Shard } from '../../src/shard.ts'

/** The settings of a server that was given none. */
export const defaultSettings: EdgeSettings = {
  host: '127.0.0.1',
  autoCreate: true,
  badOrderStatus: 400,
  revealOwnerOnCancel: false,
  closedVenues: new Set(),
  openExecutions: false,
  rateLimit: 0,
  maxInstances: 20,
  cors: [],
  allowHost: [],
  logLevel: 'silent',
  tls: undefined,
}

/** A clock that stands still until it is set. */
export interface TestClock {
  (): Micros
  now: number
}

export function createTestClock(now = Date.UTC(2026, 10, 21, 9, 30) * 1000): TestClock {
  const clock = (() => micros(clock.now)) as TestClock
  clock.now = now
  return clock
}

/** Keys and their accounts, without a file. */
export function createTestAccounts(keys: Record<string, string>): Accounts & {
  replace(keys: Record<string, string>): void
} {
  const listeners: (() => void)[] = []
  let held = byKey(keys)
  return {
    held: (key) => held.get(key),
    onChange: (listener) => void listeners.push(listener),
    replace(next) {
      held = byKey(next)
      for (const listener of listeners) listener()
    },
  }
}

/** Accounts by key, from keys by account. */
function byKey(keys: Record<string, string>): Map<string, ReadonlySet<string>> {
  const held = new Map<string, Set<string>>()
  for (const [account, key] of Object.entries(keys)) held.set(key, (held.get(key) ?? new Set()).add(account))
  return held
}

export interface TestAppOptions {
  readonly settings?: Partial<EdgeSettings>
  readonly accounts?: Accounts
  readonly log?: Log
  readonly queueLimit?: number
  /** Commands to run first, in place of those that list FOOBAR on TESTEX. */
  readonly commands?: readonly Command[]
}

export interface TestApp {
  readonly app: FastifyInstance
  readonly exchange: RunningExchange
  readonly clock: TestClock
}

/** Commands that make a venue with some stocks. */
export function listing(venue: string, ...symbols: string[]): Command[] {
  return [
    { type: 'create-venue', venue, rules: defaultRules },
    ...symbols.map((symbol) => ({ type: 'list-instrument', venue, symbol }) as const),
  ]
}

/** A command that opens an account of the house on TESTEX. */
export const houseAccount: Command = { type: 'open-account', venue: 'TESTEX', account: 'HOUSE', house: true }

/** A command that places a limit order to sell on FOOBAR of TESTEX, for states that would take long over HTTP. */
export function sellCommand(price: number, quantity = 1): Place {
  return {
    type: 'place',
    venue: 'TESTEX',
    symbol: 'FOOBAR',
    account: 'SELLER',
    side: 'sell',
    orderType: 'limit',
    timeInForce: 'gtc',
    price: ticks(price),
    quantity: lots(quantity),
    autoCreate: false,
  }
}

/** An app over an exchange in memory, with FOOBAR listed on TESTEX. Closes itself at the end of the test. */
export async function createTestApp(
  t: { teardown(task: () => Promise<void>): unknown },
  options: TestAppOptions = {},
): Promise<TestApp> {
  const {
    settings,
    accounts,
    log = new MemoryLog(),
    queueLimit,
    commands = listing('TESTEX', 'FOOBAR'),
  } = options
  const clock = createTestClock()
  const shard = new Shard({ log, clock, ...(queueLimit !== undefined && { queueLimit }) })
  const exchange = createExchange(shard)
  for (const command of commands) {
    await exchange.submit(command, ({ events }) => {
      if (events[0]?.type === 'rejected') throw new Error(`${command.type}: ${events[0].reason}`)
    })
  }
  const app = await buildApp({
    exchange,
    settings: { ...defaultSettings, ...settings },
    clock,
    ...(accounts && { accounts }),
  })
  t.teardown(async () => {
    await app.close()
    await exchange.close()
  })
  return { app, exchange, clock }
}
