import t from 'tap'
import type { JournalEntry, Place } from '../../src/domain/command.ts'
import { lots, micros, ticks } from '../../src/domain/units.ts'
import { fromRecord, type JournalRecord, toRecord } from '../../src/log/records.ts'

/** What an entry is after it was written to a journal and read again. */
function readAgain(entry: JournalEntry): JournalEntry {
  return fromRecord(JSON.parse(JSON.stringify(toRecord(entry))) as JournalRecord)
}

const order: Place = {
  ...{ type: 'place', venue: 'TESTEX', symbol: 'FOOBAR', account: 'ann', side: 'buy', orderType: 'market' },
  ...{ timeInForce: 'gtc', price: ticks(0), quantity: lots(0), autoCreate: false },
}

t.test('orders come back from a journal as they were, with and without an id and a budget', async (t) => {
  for (const entry of [
    order,
    { ...order, budget: 1n },
    { ...order, budget: 2n ** 90n + 1n },
    { ...order, budget: 5n, clientOrderId: 'mine' },
    { ...order, budget: 5n, clientOrderId: '' },
    { ...order, clientOrderId: 'mine' },
    { ...order, session: 'bot' },
    { ...order, clientOrderId: 'mine', session: 'bot' },
    { ...order, clientOrderId: 'mine', budget: 5n, session: 'bot' },
    { ...order, clientOrderId: '' },
    { ...order, quantity: lots(Number.MAX_SAFE_INTEGER), autoCreate: true },
  ] satisfies Place[]) {
    t.strictSame(readAgain(entry), entry)
  }
})

t.test('a deposit comes back from a journal as it was, however large', async (t) => {
  for (const amount of [1n, 2n ** 53n + 1n, 10n ** 40n + 7n]) {
    const entry = { type: 'deposit', venue: 'TESTEX', account: 'ann', asset: 'USD', amount } as const
    t.strictSame(readAgain(entry), entry)
  }
})

t.test('all other entries come back from a journal as they were', async (t) => {
  const venue = 'TESTEX'
  const entries: JournalEntry[] = [
    { type: 'cancel', venue, orderId: 7 },
    { type: 'replace', venue, orderId: 7, price: ticks(0), quantity: lots(12) },
    {
      ...{ type: 'create-venue', venue, state: 'halted' },
      rules: {
        rulesVersion: 1,
        selfTrade: 'skip',
        credit: 'cash',
        marketRemainder: 'rest',
        opening: { USD: '5' },
      },
    },
    { type: 'set-state', venue, state: 'open', openFor: micros(5) },
    { type: 'reset-venue', venue },
    { type: 'open-account', venue, account: 'ann', keyHash: 'ab12' },
    { type: 'drop-venue', venue },
    { type: 'note', topic: 'days', key: '"', data: { day: 1, list: [null, true, 'Ü', 0.5] } },
    { type: 'note', venue, topic: 'days', key: '', data: 'x' },
    { type: 'arm', venue, account: 'ann', session: 'bot', grace: micros(5) },
    { type: 'disarm', venue, account: 'ann' },
    { type: 'disconnect', venue, account: 'ann' },
    { type: 'started' },
    { type: 'tick' },
  ]

  for (const entry of entries) t.strictSame(readAgain(entry), entry)
})
