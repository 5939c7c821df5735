import Type from 'typebox'
import { AccountName, SymbolName, VenueName } from './names.ts'

const OrderId = Type.Integer({ minimum: 0, description: 'Order id on its venue.', examples: [4711] })

export const VenuePath = Type.Object({ venue: VenueName })
export const StockPath = Type.Object({ venue: VenueName, stock: SymbolName })
export const OrderPath = Type.Object({ venue: VenueName, stock: SymbolName, id: OrderId })
export const AccountPath = Type.Object({ venue: VenueName, account: AccountName })
export const AccountStockPath = Type.Object({ venue: VenueName, account: AccountName, stock: SymbolName })
