import type { Test } from 'tap'
import type { Accounts } from '../../src/accounts.ts'
import { buildApp } from '../../src/app.ts'
import type { EdgeSettings } from '../../src/config/config.ts'
import type { Command } from '../../src/domain/command.ts'
import { createExchange, type RunningExchange } from '../../src/exchange.ts'
import type { Hub } from '../../src/feeds/hub.ts'
import { MemoryLog } from '../../src/log/memory-log.ts'
import { Shard } from '../../src/shard.ts'
import { createTestClock, defaultSettings, type TestClock } from './app.ts'
import { createClient } from './client.ts'

interface Waiting {
  readonly at: number
  readonly task: () => void
}

/** Time that passes when it is told to: a clock, and what waits for it. */
export class TestTime {
  readonly clock: TestClock
  #tasks: Waiting[] = []

  constructor(clock = createTestClock()) {
    this.clock = clock
  }

  readonly schedule = (task: () => void, ms: number) => {
    const waiting = { at: this.clock.now + ms * 1000, task }
    this.#tasks.push(waiting)
    return () => {
      this.#tasks = this.#tasks.filter((other) => other !== waiting)
    }
  }

  /** Lets time pass, and with it everything that is due, each thing at its time. */
  async pass(seconds: number, settled: () => Promise<unknown>): Promise<void> {
    const until = this.clock.now + seconds * 1_000_000
    for (;;) {
      const next = this.#tasks.reduce<Waiting | undefined>(
        (first, one) => (first === undefined || one.at < first.at ? one : first),
        undefined,
      )
      if (next === undefined || next.at > until) break
      this.#tasks = this.#tasks.filter((other) => other !== next)
      this.clock.now = Math.max(this.clock.now, next.at)
      next.task()
      await settled()
    }
    this.clock.now = until
  }
}

export interface GameAppOptions {
  readonly settings?: Partial<EdgeSettings>
  readonly accounts?: Accounts
  /** In place of one in memory that ends with the test. */
  readonly exchange?: RunningExchange
  readonly time?: TestTime
  readonly hub?: Hub
  readonly commands?: readonly Command[]
}

/** An app whose games run by the test's time. */
export async function createGameApp(t: Test, options: GameAppOptions = {}) {
  const { settings, accounts, time = new TestTime(), commands = [], hub } = options
  const { clock, schedule } = time
  const exchange = options.exchange ?? createExchange(new Shard({ log: new MemoryLog(), clock }))
  for (const command of commands) await exchange.submit(command, () => {})
  const app = await buildApp({
    exchange,
    clock,
    schedule,
    settings: { ...defaultSettings, ...settings },
    ...(accounts && { accounts }),
    ...(hub && { hub }),
  })
  t.teardown(async () => {
    await app.close()
    if (options.exchange === undefined) await exchange.close()
  })
  // A refused command changes nothing, and is answered after all those before it.
  const settled = () => exchange.submit({ type: 'cancel', venue: 'NOWHERE', orderId: 1 }, () => {})
  const as = (key?: string) =>
    createClient(app, key === undefined ? {} : { 'x-starfighter-authorization': key })
  return { app, exchange, clock, as, ...as(), pass: (seconds: number) => time.pass(seconds, settled) }
}
