import type { Micros } from '../../src/domain/units.ts'
import type { Exchange, Venue } from '../../src/port.ts'
import { RateLimit } from '../feed/rate-limit.ts'
import type { GatewayLog } from '../log.ts'
import type { DayWindows } from './day-window.ts'
import type { Keys } from './keys.ts'
import { type Currency, currenciesOf, type Market } from './market.ts'
import type { OceanexSettings } from './settings.ts'

/** What all requests of the door share. */
export interface Context {
  readonly exchange: Exchange
  readonly settings: OceanexSettings
  readonly log: GatewayLog
  readonly clock: () => Micros
  /** By id, in the order in which they are shown. */
  readonly markets: ReadonlyMap<string, Market>
  /** The same by what the exchange calls them. */
  readonly bySymbol: ReadonlyMap<string, Market>
  readonly currencies: readonly Currency[]
  readonly keys: Keys
  /** Orders of each key. */
  readonly orderRate: RateLimit
  readonly windows: DayWindows
}

export type ContextParts = Pick<
  Context,
  'exchange' | 'settings' | 'log' | 'clock' | 'markets' | 'keys' | 'windows'
>

export function createContext(parts: ContextParts): Context {
  const { markets, settings, clock } = parts
  return {
    ...parts,
    bySymbol: new Map([...markets.values()].map((market) => [market.symbol, market])),
    currencies: currenciesOf(markets.values()),
    orderRate: new RateLimit(settings.ordersPerSecond, clock),
  }
}

export function venueOf({ exchange, settings }: Context): Venue {
  return exchange.venue(settings.venue) as Venue
}

/** Whole seconds since 1970. */
export function secondsOf(time: Micros): number {
  return Math.floor(time / 1_000_000)
}
