import fc from 'fast-check'
import t from 'tap'
import type { JournalEntry } from '../../src/domain/command.ts'
import { RecordReader } from '../../src/log/record-reader.ts'
import { toRecord } from '../../src/log/records.ts'

/** Names as they are, and texts with whatever may stand in a client's own id. */
const text = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9_]{1,20}$/),
  fc.string({ unit: 'binary', maxLength: 64 }),
  fc.constantFrom('', '"', '\\', '\n', ',', ']', '€', '😀', '\u007f', '["place",'),
)
const number = fc.oneof(fc.nat(), fc.maxSafeNat(), fc.constantFrom(0, 1e15, Number.MAX_SAFE_INTEGER))
const order = fc
  .record({
    ...{ venue: text, symbol: text, account: text, side: fc.constantFrom('buy', 'sell') },
    ...{ orderType: fc.constantFrom('limit', 'market'), timeInForce: fc.constantFrom('gtc', 'ioc', 'fok') },
    ...{ price: number, quantity: number, autoCreate: fc.boolean(), clientOrderId: fc.option(text) },
    session: fc.option(text),
  })
  .map(({ clientOrderId, session, ...order }) => ({
    type: 'place',
    ...order,
    ...(clientOrderId !== null && { clientOrderId }),
    ...(session !== null && { session }),
  }))
const other = fc.oneof(
  fc.record({ type: fc.constant('cancel'), venue: text, orderId: number }),
  fc.record({
    ...{ type: fc.constant('replace'), venue: text, orderId: number },
    ...{ price: number, quantity: number },
  }),
  fc.record({ type: fc.constant('list-instrument'), venue: text, symbol: text }),
)
const entries = fc.array(fc.oneof(order, other), { minLength: 1, maxLength: 20 }) as fc.Arbitrary<
  JournalEntry[]
>

t.test('what was written is read, whatever stands in it', async () => {
  const reader = new RecordReader()
  fc.assert(
    fc.property(entries, fc.nat(50), (written, before) => {
      const lines = written.map((entry) => `${JSON.stringify(toRecord(entry))}\n`).join('')
      // Something else stands before and behind, as in a segment.
      const bytes = Buffer.from(`${'x'.repeat(before)}${lines}["cancel","NEXT",1]\n`)
      const read = reader.read(bytes, before, before + Buffer.byteLength(lines))
      return JSON.stringify(read) === JSON.stringify(written)
    }),
    { numRuns: 300 },
  )
})

t.test('what is no record throws, and takes nothing from behind its end', async (t) => {
  const reader = new RecordReader()
  for (const line of [
    '["place","A","B"',
    '["cancel","A"',
    '["cancel","A",1',
    '["place',
    '["replace","A",1,2',
    'null,',
    '',
  ]) {
    const bytes = Buffer.from(`${line}\n,1]\n["cancel","A",1]\n`)
    t.throws(() => reader.read(bytes, 0, line.length + 1), line)
  }
})
