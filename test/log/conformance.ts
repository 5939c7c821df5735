import type { Test } from 'tap'
import type { SequencedCommand } from '../../src/domain/command.ts'
import { micros, sequence } from '../../src/domain/units.ts'
import type { Log } from '../../src/log/log.ts'

/** Numbered commands from `first` on, as a batch. */
export function batchFrom(first: number, count: number): SequencedCommand[] {
  return Array.from({ length: count }, (_, i) => ({
    sequence: sequence(first + i),
    time: micros(1_000_000 + first + i),
    command: { type: 'cancel', venue: 'TESTEX', orderId: first + i },
  }))
}

async function readAll(log: Log, from: number): Promise<number[][]> {
  const batches: number[][] = []
  for await (const batch of log.read(sequence(from))) batches.push(batch.map((command) => command.sequence))
  return batches
}

/** What every journal must do, whatever it is made of. `open` gives an empty one that keeps all it is given. */
export function logConformance(t: Test, name: string, open: (t: Test) => Promise<Log>): void {
  t.test(`${name}: is empty at first`, async (t) => {
    const log = await open(t)

    t.equal(log.last, 0)
    t.strictSame(await readAll(log, 1), [])
  })

  t.test(`${name}: gives back what was appended, in batches and in order`, async (t) => {
    const log = await open(t)

    await log.append(batchFrom(1, 3))
    await log.append(batchFrom(4, 1))
    await log.append(batchFrom(5, 200))

    t.equal(log.last, 204)
    t.strictSame(
      (await readAll(log, 1)).map((batch) => batch.length),
      [3, 1, 200],
    )
    for await (const batch of log.read(sequence(4))) {
      t.strictSame(batch, batchFrom(4, 1))
      break
    }
  })

  t.test(`${name}: reading starts with the batch that holds the command asked for`, async (t) => {
    const log = await open(t)
    await log.append(batchFrom(1, 3))
    await log.append(batchFrom(4, 3))

    t.strictSame(await readAll(log, 5), [[4, 5, 6]])
    t.strictSame(await readAll(log, 3), [
      [1, 2, 3],
      [4, 5, 6],
    ])
    t.strictSame(await readAll(log, 7), [])
  })

  t.test(`${name}: refuses a gap, a repetition and an empty batch`, async (t) => {
    const log = await open(t)
    await log.append(batchFrom(1, 2))

    await t.rejects(async () => log.append(batchFrom(4, 1)), /cannot follow/)
    await t.rejects(async () => log.append(batchFrom(2, 1)), /cannot follow/)
    await t.rejects(async () => log.append([]), /empty/)
    t.equal(log.last, 2)
  })
}
