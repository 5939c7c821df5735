import Type, { type Static } from 'typebox'
import type { QuoteView } from './quote.ts'
import { Ref } from './types.ts'

export const TapeMessage = Type.Object(
  { ok: Type.Literal(true), quote: Ref<QuoteView>('Quote') },
  { description: 'The quote of a stock after an order or a cancel that changed its book.' },
)
export type TapeMessage = Static<typeof TapeMessage>
