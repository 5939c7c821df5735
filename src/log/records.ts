import type { Cancel, Deposit, JournalEntry, Place, Replace } from '../domain/command.ts'

/** An order as a row: its journal takes less than half of what it would with a name for each field. */
type PlaceRecord = [
  type: 'place',
  venue: string,
  symbol: string,
  account: string,
  side: Place['side'],
  orderType: Place['orderType'],
  timeInForce: Place['timeInForce'],
  price: Place['price'],
  quantity: Place['quantity'],
  autoCreate: 0 | 1,
  clientOrderId?: string | null,
  budget?: string | null,
  session?: string,
]
type CancelRecord = [type: 'cancel', venue: string, orderId: number]
type ReplaceRecord = [
  type: 'replace',
  venue: string,
  orderId: number,
  price: Replace['price'],
  quantity: Replace['quantity'],
]

/** Amounts of money are text: they may be larger than what JSON's readers hold exactly. */
type DepositRecord = Omit<Deposit, 'amount'> & { readonly amount: string }

/** How an entry stands in the journal: those that come in masses as rows, all others as they are. Plain JSON. */
export type JournalRecord =
  | PlaceRecord
  | CancelRecord
  | ReplaceRecord
  | DepositRecord
  | Exclude<JournalEntry, Place | Cancel | Replace | Deposit>

export function toRecord(entry: JournalEntry): JournalRecord {
  if (entry.type === 'cancel') return ['cancel', entry.venue, entry.orderId]
  if (entry.type === 'replace') return ['replace', entry.venue, entry.orderId, entry.price, entry.quantity]
  if (entry.type === 'deposit') return { ...entry, amount: `${entry.amount}` }
  if (entry.type !== 'place') return entry
  const { venue, symbol, account, side, orderType, timeInForce, price, quantity, autoCreate } = entry
  const { clientOrderId, budget, session } = entry
  const create = autoCreate ? 1 : 0
  const record: PlaceRecord = [
    ...(['place', venue, symbol, account, side, orderType, timeInForce] as const),
    ...([price, quantity, create] as const),
  ]
  if (session !== undefined)
    record.push(clientOrderId ?? null, budget === undefined ? null : `${budget}`, session)
  else if (budget !== undefined) record.push(clientOrderId ?? null, `${budget}`)
  else if (clientOrderId !== undefined) record.push(clientOrderId)
  return record
}

export function fromRecord(record: JournalRecord): JournalEntry {
  if (!Array.isArray(record)) {
    return record.type === 'deposit' ? { ...record, amount: BigInt(record.amount) } : record
  }
  if (record[0] === 'cancel') return { type: 'cancel', venue: record[1], orderId: record[2] }
  if (record[0] === 'replace') {
    const [type, venue, orderId, price, quantity] = record
    return { type, venue, orderId, price, quantity }
  }
  const order: Place = {
    type: 'place',
    venue: record[1],
    symbol: record[2],
    account: record[3],
    side: record[4],
    orderType: record[5],
    timeInForce: record[6],
    price: record[7],
    quantity: record[8],
    autoCreate: record[9] === 1,
  }
  const [clientOrderId, budget, session] = [record[10] ?? undefined, record[11] ?? undefined, record[12]]
  if (budget !== undefined || session !== undefined) {
    return {
      ...order,
      ...(clientOrderId !== undefined && { clientOrderId }),
      ...(budget !== undefined && { budget: BigInt(budget) }),
      ...(session !== undefined && { session }),
    }
  }
  return clientOrderId === undefined ? order : { ...order, clientOrderId }
}
