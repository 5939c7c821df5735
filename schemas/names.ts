import Type from 'typebox'
import { namePattern } from '../src/domain/name.ts'

export const VenueName = Type.String({
  pattern: namePattern,
  description: 'Short name of a venue.',
  examples: ['TESTEX'],
})
export const SymbolName = Type.String({
  pattern: namePattern,
  description: 'Short name of a stock on its venue.',
  examples: ['FOOBAR'],
})
export const AccountName = Type.String({
  pattern: namePattern,
  description: 'Name of a trading account.',
  examples: ['EXB123456'],
})
