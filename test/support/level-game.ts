import type { Player, Seen, Wish } from '../../examples/levels/player.ts'
import { dayLength, type Happening, type Level, type Play } from '../../game/level.ts'
import type { Event, Trade } from '../../src/domain/event.ts'
import type { OrderRecord } from '../../src/domain/order.ts'
import { lots, type Micros, type Ticks, ticks } from '../../src/domain/units.ts'
import { defaultLimits, defaultRules, unlimited } from '../../src/domain/venue.ts'
import type { Instrument, Venue } from '../../src/port.ts'
import { createVirtualExchange } from '../../src/virtual-exchange.ts'
import { Driver } from '../../traders/driver.ts'
import { createRandom } from '../../traders/random.ts'

const venue = 'LEVELEX'
const symbol = 'LVL'
const you = 'YOU'

/** How a game went. */
export interface Outcome {
  readonly play: Play
  /** Of all events of the engine. */
  readonly digest: string
}

/** Plays one game of a level in virtual time: the real exchange and the real population, but no sockets. */
export function playLevel<Memory>(level: Level, seed: number, player: Player<Memory>): Outcome {
  const game = new LevelGame(level, seed)
  let memory = player.start
  let nextLook = dayLength
  while (game.play.verdict === undefined) {
    if (game.nextAt <= nextLook) {
      game.wake()
      continue
    }
    const decision = player.decide(memory, game.look(nextLook, player))
    memory = decision.memory
    for (const wish of decision.wishes) game.grant(wish)
    nextLook += Math.round(player.every * 1e6)
  }
  return { play: game.play, digest: game.digest }
}

type Wants = Pick<Player<unknown>, 'asksForOrders' | 'followsOthers'>

class LevelGame {
  play: Play
  readonly #level: Level
  readonly #setup: ReturnType<Level['setup']>
  readonly #virtual = createVirtualExchange(0 as Micros)
  readonly #venue: Venue
  readonly #instrument: Instrument
  readonly #driver: Driver
  /** Open orders of the player's account. */
  readonly #open = new Map<number, OrderRecord>()
  readonly #isLost: () => boolean
  #nextDay = 1
  #quote: { bid?: Ticks; ask?: Ticks } = {}
  #heard: { fills: Seen['fills'][number][]; others: Seen['others'][number][] } = { fills: [], others: [] }
  #booked = 0

  constructor(level: Level, seed: number) {
    this.#level = level
    this.#setup = level.setup(seed)
    this.play = level.start(this.#setup)
    const faults = level.feedFaults(this.#setup)
    const random = createRandom(seed, 'lossy')
    this.#isLost = () =>
      faults !== undefined && (faults.darkDays.includes(this.play.day) || random.chance(faults.drop))
    const { exchange, run } = this.#virtual
    run({
      type: 'set-limits',
      limits: { ...defaultLimits, closedOrders: 1000, openOrdersPerAccount: unlimited },
    })
    run({ type: 'create-venue', venue, rules: defaultRules })
    run({ type: 'list-instrument', venue, symbol })
    this.#venue = exchange.venue(venue) as Venue
    this.#instrument = this.#venue.instrument(symbol) as Instrument
    exchange.attach({
      event: (event) => this.#follow(event),
      applied: () => {
        if (level.followsQuotes) this.#followQuote()
      },
      release: () => {},
    })
    this.#driver = new Driver({
      ...{ exchange, venue, symbol, seed },
      traders: level.population(this.#setup, you),
      start: 0 as Micros,
      maxOpenOrders: Number.POSITIVE_INFINITY,
      actionsPerSecond: Number.POSITIVE_INFINITY,
    })
  }

  /** When something happens next without the player. */
  get nextAt(): number {
    return Math.min(this.#driver.nextAt, this.#nextDay * dayLength)
  }

  get digest(): string {
    return this.#virtual.digest()
  }

  /** Lets the next thing happen without the player; a day begins before anybody wakes in it. */
  wake(): void {
    const now = this.nextAt as Micros
    this.#virtual.clock.now = now
    if (now < this.#nextDay * dayLength) return void this.#driver.wake(now)
    this.#happened({ type: 'day', day: this.#nextDay, time: now })
    this.#nextDay += 1
  }

  look(now: number, { asksForOrders = false, followsOthers = false }: Wants): Seen {
    this.#virtual.clock.now = now as Micros
    const { fills, others } = this.#heard
    this.#heard = { fills: [], others: [] }
    const { bids, asks, lastTrade } = this.#instrument
    const best = (side: typeof bids) =>
      side.best && { price: side.best.price, quantity: Number(side.best.quantity) }
    return {
      day: Math.floor(now / dayLength),
      bid: best(bids),
      ask: best(asks),
      last: lastTrade?.price,
      info: this.play.flash?.info,
      open: Array.from(this.#open.values(), ({ id, side, price, open }) => ({ id, side, price, open })),
      fills,
      booked: asksForOrders ? this.#booked : undefined,
      others: followsOthers ? others : [],
    }
  }

  grant(wish: Wish): void {
    if (this.play.verdict !== undefined) return
    if (wish.type === 'accuse') {
      this.#happened({ type: 'judge', account: wish.account, time: this.#virtual.clock.now })
      return
    }
    // A refusal is the player's business: the order may just have been filled.
    void this.#virtual.exchange.submit(
      wish.type === 'cancel' ? toCancel(wish) : toPlace(wish),
      () => undefined,
    )
  }

  #follow(event: Event): void {
    if (event.type === 'order-accepted' && event.account === you) {
      this.#open.set(event.orderId, this.#venue.order(event.orderId) as OrderRecord)
    } else if (event.type === 'order-closed') this.#open.delete(event.orderId)
    else if (event.type === 'trade') this.#traded(event)
  }

  #traded({ price, quantity, makerId, takerId }: Trade): void {
    const maker = this.#venue.order(makerId) as OrderRecord
    const taker = this.#venue.order(takerId) as OrderRecord
    for (const order of [maker, taker]) {
      const fill = { side: order.side, price, quantity }
      if (order.account !== you) {
        this.#heard.others.push({ ...fill, account: order.account, taker: order === taker })
        continue
      }
      this.#booked += order.side === 'buy' ? quantity : -quantity
      if (!this.#isLost()) this.#heard.fills.push(fill)
    }
    if (maker.account === taker.account && maker.account === you) return
    const own = [maker, taker].find(({ account }) => account === you)
    const player = own && { side: own.side, taker: own === taker }
    const time = this.#virtual.clock.now
    this.#happened({ type: 'trade', time, price, quantity, ...(player && { player }) })
  }

  #followQuote(): void {
    const [bid, ask] = [this.#instrument.bids.best?.price, this.#instrument.asks.best?.price]
    if (bid === this.#quote.bid && ask === this.#quote.ask) return
    this.#quote = { ...(bid !== undefined && { bid }), ...(ask !== undefined && { ask }) }
    this.#happened({ type: 'quote', time: this.#virtual.clock.now, ...this.#quote })
  }

  #happened(happening: Happening): void {
    this.play = this.#level.apply(this.#setup, this.play, happening)
  }
}

function toCancel({ id }: Wish & { type: 'cancel' }) {
  return { type: 'cancel', venue, orderId: id } as const
}

function toPlace({ type, side, orderType, price, quantity }: Wish & { type: 'place' }) {
  return {
    ...{
      type,
      venue,
      symbol,
      account: you,
      side,
      price: ticks(price),
      quantity: lots(quantity),
      autoCreate: false,
    },
    orderType: orderType === 'market' ? ('market' as const) : ('limit' as const),
    timeInForce: orderType === 'limit' ? ('gtc' as const) : ('ioc' as const),
  }
}
