import type { Side } from '../domain/order.ts'
import type { TradeRecord } from '../domain/trade-record.ts'
import type { Lots, Micros, Ticks } from '../domain/units.ts'
import { tradesKey } from './keys.ts'
import type { RowKind } from './rows.ts'

/** The trades of the instruments. */
export const tradeRows: RowKind<TradeRecord> = {
  key: tradesKey,
  numberOf: ({ id }) => id,
  timeOf: ({ time }) => time,
  write({ id, time, price, quantity, takerSide, makerId, takerId }, to) {
    to.next('trade', id)
    to.next('time', time)
    to.number(price)
    to.number(quantity)
    to.text(takerSide)
    to.next('order', takerId)
    to.number(makerId - takerId)
  },
  read(from) {
    const id = from.next('trade')
    const time = from.next<Micros>('time')
    const price = from.number<Ticks>()
    const quantity = from.number<Lots>()
    const takerSide = from.text<Side>()
    const takerId = from.next('order')
    return { id, price, quantity, time, takerSide, makerId: takerId + from.number(), takerId }
  },
}
