import type { AnyTraderOptions, Population, TraderKind } from '../schemas/population.ts'
import type { Command } from '../src/domain/command.ts'
import { defaultRules } from '../src/domain/venue.ts'
import { createMaker } from './kinds/maker.ts'
import { createMomentumTrader } from './kinds/momentum.ts'
import { createNoiseTrader } from './kinds/noise.ts'
import { createPatientTrader } from './kinds/patient.ts'
import type { Post } from './kinds/post.ts'
import { createValueTrader } from './kinds/value.ts'
import { createValueProcess } from './kinds/value-process.ts'
import type { Trader } from './step.ts'

/** When the hidden value is first known, in seconds after the start; it moves each second from then on. */
const valueFirst = 1

/** Makes the traders of a population. Those of a kind are numbered: `noise-3` trades as `HOUSE_NOISE_3`. */
export function createPopulation({ startPrice, traders }: Population): Trader[] {
  const numbers = new Map<TraderKind, number>()
  return traders.flatMap((options) => {
    const { kind } = options
    return Array.from({ length: countOf(options) }, (_, i) => {
      const number = (numbers.get(kind) ?? 0) + 1
      numbers.set(kind, number)
      return create(options, {
        name: `${kind}-${number}`,
        account: `HOUSE_${kind.toUpperCase()}_${number}`,
        firstAfter: Math.round(firstOf(options, i) * 1e6),
        startPrice,
      })
    })
  })
}

/** The commands that make the venue of a population, with its book and the accounts of its traders. */
export function founding({ venue, symbol }: Population, traders: readonly Trader[]): Command[] {
  const accounts = new Set(traders.flatMap(({ account = [] }) => account))
  return [
    { type: 'create-venue', venue, rules: defaultRules },
    { type: 'list-instrument', venue, symbol },
    ...Array.from(accounts, (account) => ({ type: 'open-account', venue, account, house: true }) as const),
  ]
}

function countOf(options: AnyTraderOptions): number {
  return options.kind === 'value-process' ? 1 : options.count
}

function firstOf(options: AnyTraderOptions, i: number): number {
  return options.kind === 'value-process' ? valueFirst : options.first + i * options.stagger
}

function create(options: AnyTraderOptions, post: Post): Trader {
  switch (options.kind) {
    case 'value-process':
      return createValueProcess(options, post)
    case 'maker':
      return createMaker(options, post)
    case 'value':
      return createValueTrader(options, post)
    case 'momentum':
      return createMomentumTrader(options, post)
    case 'noise':
      return createNoiseTrader(options, post)
    case 'patient':
      return createPatientTrader(options, post)
    default:
      return options satisfies never
  }
}
