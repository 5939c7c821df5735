import type { Place } from '../src/domain/command.ts'
import type { Applied, Event } from '../src/domain/event.ts'
import { Unavailable } from '../src/domain/unavailable.ts'
import type { Micros } from '../src/domain/units.ts'
import type { Door } from '../src/port.ts'
import type { Floor, FloorInstrument } from './floor.ts'
import { type SavedTrader, Seat } from './seat.ts'
import { type Action, cancel, type OwnOrder, type PlaceAction, type Signals, type Trader } from './step.ts'
import { WakeQueue } from './wake-queue.ts'

const second = 1_000_000
/** How long a trader waits whose last actions are still on their way. */
const stillSending = 5_000

export interface DriverOptions {
  readonly exchange: Floor
  /** The venue and its symbol must be there. */
  readonly venue: string
  readonly symbol: string
  readonly traders: readonly Trader[]
  readonly seed: number
  /** When the traders' time begins. */
  readonly start: Micros
  /** Orders that one trader may have open; more are refused to it. */
  readonly maxOpenOrders?: number
  /** Actions of all traders together in a second; who would be woken after that is put off to the next. */
  readonly actionsPerSecond?: number
  /** Called when a trader has given signals, with all that hold now. */
  readonly signaled?: (signals: Signals, now: Micros) => void
}

/** What a driver remembers, as plain JSON. Orders are on their venue. */
export interface SavedDriver {
  readonly signals: Signals
  readonly traders: readonly SavedTrader[]
}

/**
 * Runs the traders of one venue: wakes each when its time has come, shows it the market, and sends what it decides
 * through the same port as everybody's commands.
 *
 * It has no clock. Somebody calls `wake` with the time (`WallClock` and `runVirtual` do), which only ever goes
 * up; the same calls on the same exchange give the same commands. The orders it knows are those that it placed itself, by
 * their ids, so an account may be shared with a person.
 */
export class Driver implements Door {
  readonly #exchange: Floor
  readonly #venue: string
  readonly #symbol: string
  readonly #seats: readonly Seat[]
  readonly #queue = new WakeQueue()
  /** Whose each open order is. */
  readonly #orders = new Map<number, Seat>()
  readonly #maxOpenOrders: number
  readonly #actionsPerSecond: number
  readonly #signaled: (signals: Signals, now: Micros) => void
  readonly #detach: () => void
  #instrument: FloorInstrument | undefined
  #signals: Signals = {}
  #sending = 0
  #settled: (() => void)[] = []
  #stopped = false
  /** The second in which actions are counted, and their count. */
  #second = 0
  #spent = 0
  /** Wakes that were put off because of `actionsPerSecond`, and how often the traders' time has jumped. */
  readonly counts = { postponed: 0, skips: 0 }

  constructor({
    exchange,
    venue,
    symbol,
    traders,
    seed,
    start,
    maxOpenOrders = 40,
    actionsPerSecond = 60,
    signaled = () => {},
  }: DriverOptions) {
    this.#exchange = exchange
    this.#venue = venue
    this.#symbol = symbol
    this.#maxOpenOrders = maxOpenOrders
    this.#actionsPerSecond = actionsPerSecond
    this.#signaled = signaled
    this.#seats = traders.map((trader, index) => {
      this.#queue.add(start + trader.firstAfter, index)
      return new Seat(trader, index, seed)
    })
    this.#detach = exchange.attach(this)
  }

  /** When the next trader is to be woken; infinite when none is. */
  get nextAt(): number {
    return this.#queue.nextAt
  }

  /** Orders of its traders that are open. */
  get openOrders(): number {
    return this.#orders.size
  }

  get signals(): Signals {
    return this.#signals
  }

  /** Whether actions are on their way. */
  get isSending(): boolean {
    return this.#sending > 0
  }

  /** Wakes the traders whose time has come, at most so many of them. Says how many it woke or put off. */
  wake(now: Micros, most = Number.POSITIVE_INFINITY): number {
    let woken = 0
    while (woken < most && this.#queue.nextAt <= now && !this.#stopped) {
      woken += 1
      const seat = this.#seats[this.#queue.take()] as Seat
      const again = this.#putOff(seat, now) ?? this.#step(seat, now)
      if (again !== undefined) this.#queue.add(again, seat.index)
    }
    return woken
  }

  /** Puts off every wake, because time has passed in which nobody could be woken. */
  skip(by: number): void {
    this.counts.skips += 1
    this.#queue.shift(by)
  }

  /** Resolves when no action is on its way. */
  async settled(): Promise<void> {
    while (this.#sending > 0) await new Promise<void>((resolve) => this.#settled.push(resolve))
  }

  /** Wakes nobody any more, and cancels what is open. Resolves when that is done. */
  async stop(): Promise<void> {
    if (this.#stopped) return
    this.#stopped = true
    this.#queue.clear()
    await this.settled()
    for (const [id, seat] of [...this.#orders]) this.#send(seat, cancel({ id }))
    await this.settled()
    this.#detach()
  }

  /** Ends without a word: orders stay where they are. For a process that ends, whose journal somebody goes on with. */
  leave(): void {
    this.#stopped = true
    this.#queue.clear()
    this.#detach()
  }

  /** Do not call it while something is on its way. What traders have not yet been shown is not saved. */
  save(): SavedDriver {
    const nextAt = new Map([...this.#queue].map(({ at, index }) => [index, at]))
    const traders = this.#seats.map((seat) => seat.save(nextAt.get(seat.index)))
    return { signals: this.#signals, traders }
  }

  /** Goes on where another driver of the same traders was saved. Call it before anybody was woken. */
  load(saved: SavedDriver): void {
    this.#signals = saved.signals
    this.#queue.clear()
    const byName = new Map(saved.traders.map((trader) => [trader.name, trader]))
    for (const seat of this.#seats) {
      const found = byName.get(seat.trader.name)
      if (found === undefined) throw new Error(`nothing was saved of trader ${seat.trader.name}`)
      seat.load(found)
      if (found.nextAt !== undefined) this.#queue.add(found.nextAt, seat.index)
      for (const [id, tag] of found.orders) {
        const order = this.#exchange.venue(this.#venue)?.order(id)
        if (order === undefined || order.open === 0) continue
        const { side, price, open } = order
        this.#track(seat, { id, side, price, open, tag })
      }
    }
  }

  event(event: Event, _applied: Applied): void {
    switch (event.type) {
      case 'trade': {
        const { venue, makerId, makerOpen } = event
        this.#seatOf(venue, makerId)?.filled(makerId, event, 'maker', makerOpen)
        return
      }
      case 'order-reduced': {
        const { venue, orderId, open } = event
        this.#seatOf(venue, orderId)?.reduced(orderId, open)
        return
      }
      case 'order-closed': {
        const { venue, orderId } = event
        if (this.#seatOf(venue, orderId) !== undefined) this.#forget(orderId)
        return
      }
      default:
        return
    }
  }

  applied(): void {}

  release(): void {}

  /** When the trader is to be woken in place of now, if it cannot be. */
  #putOff(seat: Seat, now: Micros): number | undefined {
    if (seat.isSending) return now + stillSending
    const current = Math.floor(now / second)
    if (current !== this.#second) {
      this.#second = current
      this.#spent = 0
    }
    if (this.#spent < this.#actionsPerSecond) return undefined
    this.counts.postponed += 1
    return (current + 1) * second
  }

  #step(seat: Seat, now: Micros): number | undefined {
    this.#instrument ??= this.#exchange.venue(this.#venue)?.instrument(this.#symbol) as FloorInstrument
    const view = seat.look(now, this.#instrument, this.#signals)
    const { state, actions, nextAt, signals } = seat.trader.step(seat.state, view, seat.random)
    seat.state = state
    if (signals !== undefined) {
      this.#signals = { ...this.#signals, ...signals }
      this.#signaled(this.#signals, now)
    }
    for (const action of actions) {
      if (action.type === 'place' && seat.orderCount >= this.#maxOpenOrders) {
        seat.refused(action, 'too_many_open_orders')
      } else {
        this.#spent += 1
        this.#send(seat, action)
      }
    }
    if (nextAt !== undefined && nextAt <= now)
      throw new Error(`${seat.trader.name} wants to be woken at ${nextAt}, which is not after ${now}`)
    return nextAt
  }

  #send(seat: Seat, action: Action): void {
    const { account, session } = seat.trader
    if (account === undefined) throw new Error(`${seat.trader.name} has no account to trade with`)
    this.#sending += 1
    seat.sends(action)
    const venue = this.#venue
    const command =
      action.type === 'cancel'
        ? ({ type: 'cancel', venue, orderId: action.orderId } as const)
        : placeCommand(action, venue, this.#symbol, account, session)
    this.#exchange
      .submit(command, ({ events }) => {
        this.#sent(seat, action)
        this.#answered(seat, action, events)
      })
      ?.catch((error: unknown) => {
        if (!(error instanceof Unavailable)) throw error
        this.#sent(seat, action)
        seat.refused(action, 'unavailable')
      })
  }

  #sent(seat: Seat, action: Action): void {
    seat.sent(action)
    this.#sending -= 1
    if (this.#sending === 0 && this.#settled.length > 0) for (const tell of this.#settled.splice(0)) tell()
  }

  /** What came of a trader's own action. Of orders that were known before, `event` has heard already. */
  #answered(seat: Seat, action: Action, events: readonly Event[]): void {
    let id: number | undefined
    for (const event of events) {
      if (event.type === 'rejected') {
        seat.refused(action, event.reason)
      } else if (event.type === 'order-accepted') {
        const { orderId, side, price, quantity: open } = event
        id = orderId
        this.#track(seat, { id, side, price, open, tag: (action as PlaceAction).tag })
      } else if (id === undefined) {
        return
      } else if (event.type === 'trade') {
        seat.filled(id, event, 'taker', event.takerOpen)
      } else if (event.type === 'order-reduced' && event.orderId === id) {
        seat.reduced(id, event.open)
      } else if (event.type === 'order-closed' && event.orderId === id) {
        this.#forget(id)
      }
    }
  }

  #seatOf(venue: string, orderId: number): Seat | undefined {
    return venue === this.#venue ? this.#orders.get(orderId) : undefined
  }

  #track(seat: Seat, order: OwnOrder): void {
    this.#orders.set(order.id, seat)
    seat.placed(order)
  }

  #forget(orderId: number): void {
    this.#orders.get(orderId)?.closed(orderId)
    this.#orders.delete(orderId)
  }
}

function placeCommand(
  { side, orderType, timeInForce, price, quantity }: PlaceAction,
  venue: string,
  symbol: string,
  account: string,
  session: string | undefined,
): Place {
  const autoCreate = false
  // Made for every order and read by all of the engine: without a spread it is faster.
  const command = {
    type: 'place',
    venue,
    symbol,
    account,
    side,
    orderType,
    timeInForce,
    price,
    quantity,
    autoCreate,
  } as const
  return session === undefined ? command : { ...command, session }
}
