import t from 'tap'
import type { Command, SequencedCommand } from '../../src/domain/command.ts'
import type { Applied } from '../../src/domain/event.ts'
import type { Unavailable } from '../../src/domain/unavailable.ts'
import { micros, sequence } from '../../src/domain/units.ts'
import type { Log } from '../../src/log/log.ts'
import { MemoryLog } from '../../src/log/memory-log.ts'
import { Sequencer, type SequencerOptions } from '../../src/log/sequencer.ts'
import { batchFrom, logConformance } from './conformance.ts'

logConformance(t, 'memory log', async () => new MemoryLog({ keep: 1000 }))

t.test('a memory log lets the oldest batches go, and says so', async (t) => {
  const log = new MemoryLog({ keep: 2 })
  for (let i = 1; i <= 5; i += 1) await log.append(batchFrom(i, 1))

  const kept: number[] = []
  for await (const batch of log.read(sequence(4))) kept.push(...batch.map((command) => command.sequence))

  t.strictSame(kept, [4, 5])
  await t.rejects(async () => {
    for await (const _ of log.read(sequence(3)));
  }, /journal starts at 4/)
})

const cancel = (orderId: number): Command => ({ type: 'cancel', venue: 'TESTEX', orderId })

/** A log whose appends are finished by hand. */
function slowLog() {
  const writes: { batch: readonly SequencedCommand[]; done: () => void; fail: () => void }[] = []
  const log: Log = {
    first: 1,
    last: sequence(0),
    append: (batch) =>
      new Promise((resolve, reject) => {
        writes.push({ batch, done: resolve, fail: () => reject(new Error('no space left')) })
      }),
    async *read() {},
    close: async () => {},
  }
  return { log, writes }
}

/** A sequencer that notes what happens, in order, and whose deferred tasks run when told. */
function sequencer(options: Partial<SequencerOptions> = {}) {
  const notes: string[] = []
  const tasks: (() => void)[] = []
  const { log, writes } = slowLog()
  let now = 1000
  const subject = new Sequencer({
    log,
    clock: () => micros(now),
    apply: ({ sequence, time }): Applied => {
      notes.push(`apply ${sequence} at ${time}`)
      return { sequence, time, events: [] }
    },
    release: () => notes.push('release'),
    defer: (task) => tasks.push(task),
    ...options,
  })
  const submit = (orderId: number) =>
    subject
      .submit(cancel(orderId), ({ sequence }) => {
        notes.push(`reply ${sequence}`)
        return sequence
      })
      .then(
        (n) => notes.push(`answered ${n}`),
        (error: Unavailable) => notes.push(`${error.outcome}: ${error.reason}`),
      )
  return {
    subject,
    notes,
    writes,
    submit,
    runDeferred: () => {
      for (const task of tasks.splice(0)) task()
    },
    setClock: (to: number) => {
      now = to
    },
  }
}

t.test('nothing is applied before its batch is durable, and answers leave after the release', async (t) => {
  const { submit, notes, writes, runDeferred } = sequencer()

  const answers = [submit(1), submit(2)]
  runDeferred()
  t.strictSame(notes, [])
  t.equal(writes.length, 1)
  writes[0]?.done()
  await Promise.all(answers)

  t.strictSame(notes, [
    'apply 1 at 1000',
    'reply 1',
    'apply 2 at 1000',
    'reply 2',
    'release',
    'answered 1',
    'answered 2',
  ])
})

t.test(
  'what arrives while a batch is written is the next batch, handed over before the first is applied',
  async (t) => {
    const order: string[] = []
    const { submit, writes, runDeferred } = sequencer({
      apply: ({ sequence, time }) => {
        order.push(`apply ${sequence}, ${writes.length} batches handed over`)
        return { sequence, time, events: [] }
      },
    })

    const answers = [submit(1)]
    runDeferred()
    answers.push(submit(2), submit(3))
    runDeferred()
    t.equal(writes.length, 1)
    writes[0]?.done()
    await answers[0]
    writes[1]?.done()
    await Promise.all(answers)

    t.strictSame(
      writes.map(({ batch }) => batch.map((command) => command.sequence)),
      [[1], [2, 3]],
    )
    t.equal(order[0], 'apply 1, 2 batches handed over')
  },
)

t.test('time never goes back, whatever the clock does', async (t) => {
  const { submit, notes, writes, runDeferred, setClock } = sequencer()

  for (const [i, now] of [5000, 4000, 6000].entries()) {
    setClock(now)
    const answer = submit(i)
    runDeferred()
    writes[i]?.done()
    await answer
  }

  t.strictSame(
    notes.filter((note) => note.startsWith('apply')),
    ['apply 1 at 5000', 'apply 2 at 5000', 'apply 3 at 6000'],
  )
})

t.test('a full queue refuses, takes what comes after room was made, and loses nothing', async (t) => {
  const { subject, submit, notes, writes, runDeferred } = sequencer({ queueLimit: 2 })

  const answers = [submit(1), submit(2), submit(3)]
  await answers[2]
  t.strictSame(notes, ['refused: queue_full'])
  t.equal(subject.queued, 2)
  runDeferred()
  answers.push(submit(4))
  writes[0]?.done()
  await answers[1]
  writes[1]?.done()
  await Promise.all(answers)

  t.strictSame(
    writes.map(({ batch }) => batch.map(({ command }) => command.type === 'cancel' && command.orderId)),
    [[1, 2], [4]],
  )
})

t.test('notes that wait are bounded by their length too, which is counted anew for each batch', async (t) => {
  const { subject, submit, notes, writes, runDeferred } = sequencer({ notesLimit: 250 })
  const note = () =>
    subject
      .submit({ type: 'note', topic: 'topic', key: 'key', data: 'x'.repeat(80) }, () => undefined)
      .catch((error: Unavailable) => notes.push(`${error.outcome}: ${error.reason}`))

  const answers = [note(), note(), note(), submit(1)]
  await answers[2]
  t.strictSame(notes, ['refused: queue_full'])
  runDeferred()
  answers.push(note(), note())
  writes[0]?.done()
  await answers[0]
  writes[1]?.done()
  await Promise.all(answers)

  t.strictSame(
    writes.map(({ batch }) => batch.map(({ command }) => command.type)),
    [
      ['note', 'note', 'cancel'],
      ['note', 'note'],
    ],
  )
})

t.test('when the journal fails, the batch in flight is unknown and everything else is refused', async (t) => {
  const failures: string[] = []
  const { subject, submit, notes, writes, runDeferred } = sequencer({
    failed: ({ message }) => failures.push(message),
  })

  const answers = [submit(1)]
  runDeferred()
  answers.push(submit(2))
  writes[0]?.fail()
  await Promise.all(answers)
  await submit(3)

  t.strictSame(notes, ['unknown: journal_failed', 'refused: journal_failed', 'refused: journal_failed'])
  t.equal(subject.stopped, 'journal_failed')
  t.equal(writes.length, 1)
  t.strictSame(failures, ['no space left'])
})

t.test('a reply that throws rejects its own caller only', async (t) => {
  const { subject, submit, notes, writes, runDeferred } = sequencer()

  const broken = subject.submit(cancel(1), () => {
    throw new Error('cannot encode')
  })
  const sound = submit(2)
  runDeferred()
  writes[0]?.done()

  await t.rejects(broken, /cannot encode/)
  await sound
  t.ok(notes.includes('answered 2'))
})

t.test('closing answers what was taken and takes no more', async (t) => {
  const { subject, submit, notes, writes, runDeferred } = sequencer()

  const answer = submit(1)
  runDeferred()
  const queued = submit(2)
  const closed = subject.close().then(() => notes.push('closed'))
  await submit(3)
  t.strictSame(notes, ['refused: stopping'])
  writes[0]?.done()
  await answer
  t.notOk(notes.includes('closed'))
  writes[1]?.done()
  await Promise.all([queued, closed])

  t.strictSame(notes.slice(-2).toSorted(), ['answered 2', 'closed'])
})
