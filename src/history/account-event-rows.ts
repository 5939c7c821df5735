import type { AccountEvent } from '../domain/account-event.ts'
import type { Micros } from '../domain/units.ts'
import { accountEventsKey } from './keys.ts'
import type { RowReader, RowWriter } from './row-codec.ts'
import type { RowKind } from './rows.ts'

/** What happened to the accounts. */
export const accountEventRows: RowKind<AccountEvent> = {
  key: accountEventsKey,
  numberOf: ({ number }) => number,
  timeOf: ({ time }) => time,
  write,
  read,
}

function write(event: AccountEvent, to: RowWriter): void {
  to.text(event.type)
  to.next('time', event.time)
  to.text(event.symbol)
  to.next('order', event.orderId)
  switch (event.type) {
    case 'accepted':
      return
    case 'traded':
      to.number(event.otherOrderId - event.orderId)
      to.next('trade', event.tradeId)
      to.text(event.side)
      to.number(event.isTaker ? 1 : 0)
      to.number(event.price)
      to.number(event.quantity)
      to.number(event.open)
      return
    case 'reduced':
      to.number(event.canceled)
      to.number(event.open)
      return
    case 'replaced':
      to.number(event.price)
      to.number(event.quantity)
      to.number(event.open)
      return
    case 'closed':
      to.text(event.reason)
      to.number(event.canceled)
      return
    default:
      event satisfies never
  }
}

function read(from: RowReader, number: number): AccountEvent {
  const type = from.text<AccountEvent['type']>()
  const time = from.next<Micros>('time')
  const of = { number, time, symbol: from.text(), orderId: from.next('order') }
  switch (type) {
    case 'accepted':
      return { type, ...of }
    case 'traded':
      return {
        type,
        ...of,
        otherOrderId: of.orderId + from.number(),
        tradeId: from.next('trade'),
        side: from.text(),
        isTaker: from.number() === 1,
        price: from.number(),
        quantity: from.number(),
        open: from.number(),
      }
    case 'reduced':
      return { type, ...of, canceled: from.number(), open: from.number() }
    case 'replaced':
      return { type, ...of, price: from.number(), quantity: from.number(), open: from.number() }
    case 'closed':
      return { type, ...of, reason: from.text(), canceled: from.number() }
    default:
      return type satisfies never
  }
}
