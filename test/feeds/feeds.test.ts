import fc from 'fast-check'
import t from 'tap'
import { Feed, type FeedOptions } from '../../src/feeds/feed.ts'
import { textFrame } from '../../src/feeds/frame.ts'
import { Hub } from '../../src/feeds/hub.ts'
import { FakeSocket, FakeStream, readFrames } from './fakes.ts'

const KiB = 1024

function listener(feed: Feed, topic: string, mayStay?: () => boolean) {
  const stream = new FakeStream()
  const socket = new FakeSocket()
  feed.listen(topic, stream, socket, mayStay)
  return { stream, socket }
}

const closing: FeedOptions = { slow: 'close', unsentLimit: 64 * KiB }
const conflating: FeedOptions = { slow: 'conflate', unsentLimit: 64 * KiB }

t.test('a frame of any length is read back as its text', async (t) => {
  const lengths = [0, 1, 125, 126, 127, 65_535, 65_536, 200_000]

  const texts = lengths.map((length) => 'x'.repeat(length))

  t.strictSame(readFrames(Buffer.concat(texts.map(textFrame))), texts)
})

t.test('a frame counts bytes, not characters', async (t) => {
  const texts = ['é'.repeat(63), '€'.repeat(21_845), '😀'.repeat(20_000)]

  t.strictSame(readFrames(Buffer.concat(texts.map(textFrame))), texts)
})

t.test('messages go to the listeners of their topics and to nobody else', async (t) => {
  const feed = new Feed(closing)
  const a = listener(feed, 'a')
  const b = listener(feed, 'b')
  const other = listener(feed, 'c')

  feed.publish(['a', 'b'], 's', () => 'both')
  feed.publish(['b', 'nobody'], 's', () => 'one')
  feed.release()

  t.strictSame(a.stream.texts, ['both'])
  t.strictSame(b.stream.texts, ['both', 'one'])
  t.strictSame(other.stream.writes, [])
})

t.test('nothing is encoded when nobody listens, and once for any number of listeners', async (t) => {
  const feed = new Feed(closing)
  let encoded = 0
  const encode = () => {
    encoded += 1
    return `message ${encoded}`
  }
  feed.publish(['a', 'b'], 's', encode)
  t.equal(encoded, 0)
  t.equal(feed.idle, true)

  const streams = Array.from({ length: 100 }, (_, i) => listener(feed, i % 2 === 0 ? 'a' : 'b').stream)
  feed.publish(['a', 'b'], 's', encode)
  feed.release()

  t.equal(encoded, 1)
  t.ok(streams.every((stream) => stream.texts[0] === 'message 1'))
  t.match(feed.stats(), { encoded: 1, messages: 100, sockets: 100 })
})

t.test(
  'nothing is written before the batch ends, then one write a socket, of the same bytes for all',
  async (t) => {
    const feed = new Feed(closing)
    const [one, two] = [listener(feed, 'a').stream, listener(feed, 'a').stream]
    for (let i = 0; i < 10; i += 1) feed.publish(['a'], 's', () => `message ${i}`)
    t.equal(one.writes.length, 0)

    feed.release()
    feed.release()

    t.equal(one.writes.length, 1)
    t.equal(one.texts.length, 10)
    t.equal(one.writes[0]?.buffer, two.writes[0]?.buffer)
    t.equal(one.writes[0]?.byteOffset, two.writes[0]?.byteOffset)
  },
)

t.test('a listener that comes later hears nothing of before', async (t) => {
  const feed = new Feed(closing)
  listener(feed, 'a')
  feed.publish(['a'], 's', () => 'before')
  feed.release()

  const { stream } = listener(feed, 'a')
  feed.publish(['a'], 's', () => 'after')
  feed.release()

  t.strictSame(stream.texts, ['after'])
})

t.test('a topic beyond its bytes in a batch gets brief messages, the others full ones', async (t) => {
  const feed = new Feed({ ...closing, briefBeyond: 100 })
  const busy = listener(feed, 'busy').stream
  const calm = listener(feed, 'calm').stream
  feed.publish(['busy'], 's', () => 'x'.repeat(101))

  const asked: boolean[] = []
  feed.publish(['busy', 'calm'], 's', (brief) => {
    asked.push(brief)
    return brief ? 'brief' : 'full'
  })
  feed.release()
  feed.publish(['busy', 'calm'], 's', (brief) => (brief ? 'brief' : 'full'))
  feed.release()

  t.strictSame(busy.texts.slice(1), ['brief', 'full'])
  t.strictSame(calm.texts, ['full', 'full'])
  t.strictSame(asked, [true, false])
})

t.test('a reader that left too much of earlier batches unsent is closed with 1013', async (t) => {
  const feed = new Feed(closing)
  const slow = listener(feed, 'a')
  const quick = listener(feed, 'a')
  slow.stream.stop()

  for (const text of ['a'.repeat(40 * KiB), 'b'.repeat(40 * KiB), 'c', 'd']) {
    feed.publish(['a'], 's', () => text)
    feed.release()
  }

  t.strictSame(slow.socket.notes, ['close 1013'])
  t.equal(
    slow.stream.writes.length,
    2,
    'the batch that passed the bound was written whole, the next one not at all',
  )
  t.equal(quick.stream.texts.length, 4)
  t.match(feed.stats(), { slowCloses: 1, sockets: 2 })
  slow.socket.leave()
  t.equal(feed.size, 1)
})

t.test('a batch is written whole however large it is', async (t) => {
  const feed = new Feed(closing)
  const { stream, socket } = listener(feed, 'a')
  for (let i = 0; i < 100; i += 1) feed.publish(['a'], 's', () => 'x'.repeat(KiB))

  feed.release()

  t.equal(stream.texts.length, 100)
  t.strictSame(socket.notes, [])
})

t.test('a conflated reader stays, and gets the newest of each subject when it reads on', async (t) => {
  const feed = new Feed(conflating)
  const { stream, socket } = listener(feed, 'a')
  const publish = (subject: string, text: string) => {
    feed.publish(['a'], subject, () => text)
    feed.release()
  }
  stream.stop()
  publish('first', 'x'.repeat(70 * KiB))

  publish('A', 'A1')
  publish('B', 'B1')
  feed.publish(['a'], 'A', () => 'A2')
  feed.publish(['a'], 'C', () => 'C1')
  feed.publish(['a'], 'A', () => 'A3')
  feed.release()
  t.equal(stream.writes.length, 1)
  await stream.goOn()

  t.strictSame(stream.texts.slice(1), ['B1', 'C1', 'A3'])
  t.equal(stream.writes.length, 2, 'in one write')
  t.match(feed.stats(), { conflations: 1, skipped: 2, messages: 4 })
  publish('A', 'A4')
  publish('A', 'A5')
  t.strictSame(stream.texts.slice(4), ['A4', 'A5'], 'and from then on everything again')
  t.strictSame(socket.notes, [])
})

t.test('a conflated reader that leaves takes what waited with it', async (t) => {
  const feed = new Feed(conflating)
  const { stream, socket } = listener(feed, 'a')
  stream.stop()
  for (const text of ['x'.repeat(70 * KiB), 'y', 'z']) {
    feed.publish(['a'], 's', () => text)
    feed.release()
  }

  socket.leave()
  feed.publish(['a'], 's', () => 'later')
  feed.release()
  await stream.goOn()

  t.equal(stream.writes.length, 1)
  t.equal(feed.idle, true)
})

t.test('nothing is written after a close frame, whoever sent it', async (t) => {
  const feed = new Feed(closing)
  const { stream, socket } = listener(feed, 'a')
  feed.publish(['a'], 's', () => 'before')
  feed.release()

  feed.publish(['a'], 's', () => 'in the batch in which it leaves')
  socket.readyState = 2
  feed.release()

  t.strictSame(stream.texts, ['before'])
})

t.test('sockets that come and go in the middle of a batch disturb nobody', async (t) => {
  const feed = new Feed(closing)
  const staying = listener(feed, 'a')
  const leaving = listener(feed, 'b')
  feed.publish(['a', 'b'], 's', () => 'one')

  leaving.socket.leave()
  const coming = listener(feed, 'b')
  feed.publish(['a', 'b'], 's', () => 'two')
  feed.release()

  t.strictSame(staying.stream.texts, ['one', 'two'])
  t.strictSame(coming.stream.texts, ['two'])
  t.strictSame(leaving.stream.writes, [])
})

t.test('a socket that leaves while the batch is written disturbs nobody', async (t) => {
  const feed = new Feed(closing)
  const first = listener(feed, 'a')
  const second = listener(feed, 'a')
  const third = listener(feed, 'a')
  first.stream.write = (bytes) => {
    second.socket.leave()
    return FakeStream.prototype.write.call(first.stream, bytes)
  }

  feed.publish(['a'], 's', () => 'text')
  feed.release()

  t.strictSame(
    [first, second, third].map(({ stream }) => stream.texts),
    [['text'], [], ['text']],
  )
})

t.test('a review closes those that may not stay, with 1008', async (t) => {
  const feed = new Feed(closing)
  let holds = true
  const guarded = listener(feed, 'a', () => holds)
  const open = listener(feed, 'a')

  feed.review()
  holds = false
  feed.review()

  t.strictSame(guarded.socket.notes, ['close 1008'])
  t.strictSame(open.socket.notes, [])
})

/** A hub whose heartbeat is rung by hand. */
function testHub(closeGraceMs?: number) {
  let beat = () => {}
  let stopped = false
  const hub = new Hub({
    ...(closeGraceMs !== undefined && { closeGraceMs }),
    every: (task, intervalMs) => {
      t.equal(intervalMs, 20_000)
      beat = task
      return () => {
        stopped = true
      }
    },
  })
  return { hub, beat: () => beat(), isStopped: () => stopped }
}

t.test('a peer that owes two pongs is dropped at the next beat; one that answers stays', async (t) => {
  const { hub, beat } = testHub()
  const feed = hub.add('tape', conflating)
  const silent = listener(feed, 'a').socket
  const lively = listener(feed, 'a').socket

  for (let i = 0; i < 4; i += 1) {
    beat()
    lively.emit('pong')
  }

  t.strictSame(silent.notes, ['ping', 'ping', 'terminate'])
  t.strictSame(lively.notes, ['ping', 'ping', 'ping', 'ping'])
})

t.test('one pong makes good for all that were missed', async (t) => {
  const { hub, beat } = testHub()
  const { socket } = listener(hub.add('tape', conflating), 'a')

  beat()
  beat()
  socket.emit('pong')
  beat()
  beat()

  t.strictSame(socket.notes, ['ping', 'ping', 'ping', 'ping'])
})

t.test('feeds are written in the order in which they were made', async (t) => {
  const { hub } = testHub()
  const [first, second] = [hub.add('first', closing), hub.add('second', conflating)]
  const written: string[] = []
  for (const [feed, name] of [
    [second, 'second'],
    [first, 'first'],
  ] as const) {
    const { stream } = listener(feed, 'a')
    stream.write = (bytes) => {
      written.push(name)
      return FakeStream.prototype.write.call(stream, bytes)
    }
    feed.publish(['a'], 's', () => name)
  }

  hub.release()

  t.strictSame(written, ['first', 'second'])
  t.throws(() => hub.add('first', closing))
})

t.test('a hub that closes sends 1001 to all, waits until they have gone, and takes no more', async (t) => {
  const { hub, isStopped } = testHub()
  const feed = hub.add('tape', conflating)
  const sockets = [listener(feed, 'a').socket, listener(hub.add('executions', closing), 'b').socket]
  let closed = false

  const done = hub.close().then(() => {
    closed = true
  })
  const late = listener(feed, 'a').socket
  t.strictSame(
    [...sockets, late].map(({ notes }) => notes),
    [['close 1001'], ['close 1001'], ['close 1001']],
  )
  for (const socket of sockets) socket.leave()
  await Promise.resolve()
  t.equal(closed, false)
  late.leave()
  await done

  t.equal(isStopped(), true)
  t.equal(hub.close(), hub.close(), 'closing twice is closing once')
  await new Hub().close()
})

t.test('a hub does not wait for ever for a peer that does not close', async (t) => {
  const { hub } = testHub(1)
  const { socket } = listener(hub.add('tape', conflating), 'a')

  await hub.close()

  t.strictSame(socket.notes, ['close 1001', 'terminate'])
})

type Step =
  | { type: 'publish'; topics: string[]; subject: string; length: number }
  | { type: 'release' }
  | { type: 'listen'; topic: string }
  | { type: 'stop' | 'goOn' | 'leave'; listener: number }

const topicName = fc.constantFrom('a', 'b', 'c')
const someListener = fc.nat(5)
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('publish' as const),
      topics: fc.uniqueArray(topicName, { maxLength: 3 }),
      subject: fc.constantFrom('S', 'T', 'U'),
      length: fc.constantFrom(10, 200, 30 * KiB, 70 * KiB),
    }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('release' as const) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('listen' as const), topic: topicName }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constantFrom('stop', 'goOn', 'leave'), listener: someListener }),
  },
)

for (const slow of ['close', 'conflate'] as const) {
  t.test(`whatever happens, a reader of a feed that may ${slow} misses nothing it should have`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { maxLength: 60 }), async (steps) => {
        const feed = new Feed({ slow, unsentLimit: 64 * KiB })
        const listeners: (ReturnType<typeof listener> & {
          topic: string
          expected: string[]
          pending: string[]
        })[] = []
        const listen = (topic: string) =>
          listeners.push({ ...listener(feed, topic), topic, expected: [], pending: [] })
        const release = () => {
          feed.release()
          for (const l of listeners) {
            // Closed in this release or before: what the batch held was not written.
            if (l.socket.readyState === 1) l.expected.push(...l.pending)
            l.pending = []
          }
        }
        listen('a')
        let n = 0
        for (const step of [...steps, { type: 'release' } as const]) {
          switch (step.type) {
            case 'publish': {
              n += 1
              const text = `${step.subject} ${n} ${'x'.repeat(step.length)}`
              feed.publish(step.topics, step.subject, () => text)
              for (const l of listeners) if (step.topics.includes(l.topic)) l.pending.push(text)
              break
            }
            case 'release':
              release()
              break
            case 'listen':
              // Real sockets cannot come while a batch is being applied.
              release()
              listen(step.topic)
              break
            default: {
              const subject = listeners[step.listener]
              if (subject === undefined) break
              if (step.type === 'stop') subject.stream.stop()
              else if (step.type === 'goOn') await subject.stream.goOn()
              else if (subject.socket.readyState !== 3) subject.socket.leave()
            }
          }
        }
        for (const { stream, socket, expected } of listeners) {
          await stream.goOn()
          const got = stream.texts
          if (slow === 'close' && !same(got, expected)) return false
          // A conflated one that has left may have lost the newest: nobody is there to read it.
          if (slow === 'close' || socket.readyState === 3) continue
          if (!isSubsequenceBySubject(got, expected) || !same(newest(got), newest(expected))) return false
        }
        return true
      }),
      { numRuns: 300 },
    )
  })
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, i) => text === b[i])
}

/** The last text of each subject. */
function newest(texts: readonly string[]): string[] {
  const bySubject = new Map(texts.map((text) => [text[0], text]))
  return ['S', 'T', 'U'].flatMap((subject) => bySubject.get(subject) ?? [])
}

/** Whether each subject's texts come in order and none twice. */
function isSubsequenceBySubject(got: readonly string[], all: readonly string[]): boolean {
  return ['S', 'T', 'U'].every((subject) => {
    const source = all.filter((text) => text[0] === subject)[Symbol.iterator]()
    return got
      .filter((text) => text[0] === subject)
      .every((text) => {
        for (let next = source.next(); !next.done; next = source.next()) if (next.value === text) return true
        return false
      })
  })
}
