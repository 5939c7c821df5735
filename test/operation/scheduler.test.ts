import t from 'tap'
import type { Command } from '../../src/domain/command.ts'
import { type Micros, micros } from '../../src/domain/units.ts'
import { defaultRules } from '../../src/domain/venue.ts'
import { MemoryLog } from '../../src/log/memory-log.ts'
import { Scheduler } from '../../src/scheduler.ts'
import { Shard } from '../../src/shard.ts'

const wallClock = () => (Date.now() * 1000) as Micros
const create: Command = { type: 'create-venue', venue: 'GAME', rules: defaultRules, state: 'halted' }

function open(openFor: number): Command {
  return { type: 'set-state', venue: 'GAME', state: 'open', openFor: micros(openFor) }
}

async function send(shard: Shard, command: Command): Promise<void> {
  await shard.submit(command, ({ events }) => {
    for (const event of events) if (event.type === 'rejected') throw new Error(event.reason)
  })
}

t.test('a venue whose time is up closes although nobody sends anything', async (t) => {
  const shard = new Shard({ log: new MemoryLog(), clock: wallClock })
  const scheduler = new Scheduler(shard, wallClock)
  t.teardown(() => scheduler.stop())
  const states: string[] = []
  const closed = new Promise<void>((resolve) => {
    shard.attach({
      event(event) {
        if (event.type !== 'state-set') return
        states.push(event.state)
        if (event.state === 'closed') resolve()
      },
      applied() {},
      release() {},
    })
  })
  // A timer that does not keep the process alive needs somebody else who does.
  const alive = setInterval(() => {}, 1000)
  t.teardown(() => clearInterval(alive))

  await send(shard, create)
  await send(shard, open(30_000))
  await closed

  t.strictSame(states, ['open', 'closed'])
  t.equal(shard.nextDue, Number.POSITIVE_INFINITY)
})

t.test('a timer that is overdue when the scheduler begins fires at once', async (t) => {
  let now = micros(0)
  const shard = new Shard({ log: new MemoryLog(), clock: () => now })
  await send(shard, create)
  await send(shard, open(5_000_000))
  now = micros(6_000_000)

  const fired = new Promise<void>((resolve) => {
    shard.attach({ event() {}, applied() {}, release: resolve })
  })
  const scheduler = new Scheduler(shard, () => now)
  t.teardown(() => scheduler.stop())
  const alive = setInterval(() => {}, 1000)
  t.teardown(() => clearInterval(alive))
  await fired

  t.equal(shard.venue('GAME')?.state, 'closed')
})

t.test('the time when no process ran does not count', async (t) => {
  const log = new MemoryLog({ keep: 10 })
  let now = micros(0)
  const first = new Shard({ log, clock: () => now })
  await send(first, create)
  await send(first, open(10_000_000))
  now = micros(4_000_000)
  await first.tick()

  now = micros(100_000_000)
  const second = new Shard({ log, clock: () => now })
  await second.replay()
  t.strictSame(second.venue('GAME')?.closing, { at: 10_000_000 })
  await second.resume()

  t.strictSame(second.venue('GAME')?.closing, { at: 106_000_000 })
  t.equal(second.venue('GAME')?.state, 'open')
  now = micros(106_000_000)
  await second.tick()
  t.equal(second.venue('GAME')?.state, 'closed')
})

t.test('a shard without timers notes nothing when it goes on', async (t) => {
  const shard = new Shard({ log: new MemoryLog(), clock: wallClock })
  await send(shard, create)
  const { sequence } = shard

  await shard.resume()

  t.equal(shard.sequence, sequence)
})
