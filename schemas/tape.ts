import Type, { type Static } from 'typebox'
import { type QuoteView, quoteExample } from './quote.ts'
import { Ref } from './types.ts'

export const TapeMessage = Type.Object(
  { ok: Type.Literal(true), quote: Ref<QuoteView>('Quote') },
  {
    description: 'The quote of a stock after an order or a cancel that changed its book.',
    examples: [{ ok: true, quote: quoteExample }],
  },
)
export type TapeMessage = Static<typeof TapeMessage>
