import type { Command } from '../src/domain/command.ts'
import type { Applied } from '../src/domain/event.ts'
import type { Side } from '../src/domain/order.ts'
import type { Lots, Ticks } from '../src/domain/units.ts'
import type { Door } from '../src/port.ts'

/** What a driver needs of an exchange. The port of the edges is one; so is an engine with nothing around it. */
export interface Floor {
  /** As `Exchange.submit`. Nothing comes back where everything has been done by then. */
  submit<T>(command: Command, reply: (applied: Applied) => T): Promise<T> | undefined
  /** As `Exchange.attach`. */
  attach(door: Door): () => void
  venue(name: string): FloorVenue | undefined
}

export interface FloorVenue {
  instrument(symbol: string): FloorInstrument | undefined
  /** An order that is open; one that is not may be there too. */
  order(id: number): FloorOrder | undefined
}

export interface FloorInstrument {
  readonly bids: FloorSide
  readonly asks: FloorSide
  readonly lastTrade: { readonly price: Ticks } | undefined
}

interface FloorSide {
  readonly best: FloorLevel | undefined
  /** Best first. */
  levels(): Iterable<FloorLevel>
}

export interface FloorLevel {
  readonly price: Ticks
  readonly quantity: Lots | bigint
}

interface FloorOrder {
  readonly side: Side
  readonly price: Ticks
  readonly open: Lots
}
