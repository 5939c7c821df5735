import { Feed, Rest, type RestStock, type RestVenue, type Stock, StockyardError } from '../../sdk/index.ts'
import { Account } from './account.ts'
import { addressOf, readAddress } from './address.ts'
import { Connection } from './connection.ts'
import { Draft } from './draft.ts'
import { Levels } from './levels.ts'
import { Market } from './market.ts'
import { recall, remember } from './memory.ts'
import { backoff, Session } from './session.ts'
import type { Standing } from './standing.ts'
import { ThemeChoice } from './theme.ts'
import { Units } from './units.ts'
import { Watched } from './watched.ts'

/** Venues that are looked at for one where something is going on. */
const mostLookedAt = 10
/** Between two looks at which venues there are, and whether they trade. */
const lookEveryMs = 3000

/** What the address names and the exchange does not have. */
interface Missing extends Stock {
  /** It was shown until a moment ago. */
  readonly wasHere: boolean
}

/** Everything behind the page: which stock is shown, and for whom. */
export class Desk extends Watched {
  readonly rest: Rest
  readonly feed: Feed
  readonly session: Session
  readonly levels: Levels
  readonly connection: Connection
  readonly theme = new ThemeChoice()
  readonly draft = new Draft()
  #venues: readonly RestVenue[] = []
  /** Those of the venue in the address. */
  #stocks: readonly RestStock[] = []
  readonly #units = new Map<string, Units>()
  #market: Market | undefined
  #account: Account | undefined
  #missing: Missing | undefined
  /** Tells the newest address from earlier ones, whose answers come too late. */
  #turn = 0

  constructor(url: string) {
    super()
    this.rest = new Rest({ url })
    this.feed = new Feed({ url, backoff })
    this.session = new Session(url, this.feed, this.rest)
    this.connection = new Connection(this.feed, () => this.#market === undefined || this.#market.isLive)
    this.levels = new Levels(this.session, this.feed, this.rest)
    this.session.watch(() => this.#followAccount())
    this.levels.watch(() => this.#followAccount())
    addEventListener('hashchange', () => void this.#follow())
    // Also after each cut: another server may have come in the place of this one.
    this.feed.onState((state) => {
      if (state === 'open') void this.refresh()
    })
    setInterval(() => {
      if (document.hidden || this.feed.state !== 'open') return
      // What is missing may come: a bot's first order makes its market.
      if (this.#missing !== undefined || this.#market?.isOver === true) void this.refresh()
      else void this.#lookAtVenues()
    }, lookEveryMs)
    this.feed.connect()
  }

  get venues(): readonly RestVenue[] {
    return this.#venues
  }

  get stocks(): readonly RestStock[] {
    return this.#stocks
  }

  get market(): Market | undefined {
    return this.#market
  }

  get account(): Account | undefined {
    return this.#account
  }

  get missing(): Missing | undefined {
    return this.#missing
  }

  /** What keeps the market that is shown from trading as usual; undefined when nothing does. */
  get standing(): Standing | undefined {
    const venue = this.#market?.stock.venue
    const state = this.#venues.find((one) => one.venue === venue)?.state
    if (state !== undefined && state !== 'open') return state
    const { levels } = this
    if (!levels.isOn(venue)) return undefined
    if (levels.status?.done === true) return 'ended'
    return levels.status?.paused === true ? 'paused' : undefined
  }

  /** How a stock of the venue that is shown is counted. */
  unitsOf(symbol: string): Units {
    const known = this.#units.get(symbol)
    if (known !== undefined) return known
    const units = new Units(this.#stocks.find((listed) => listed.symbol === symbol))
    this.#units.set(symbol, units)
    return units
  }

  go(stock: Stock): void {
    location.hash = addressOf(stock)
  }

  async goToVenue(venue: string): Promise<void> {
    const [first] = (await this.#stocksOf(venue)) ?? []
    if (first !== undefined) this.go({ venue, symbol: first.symbol })
  }

  /** Back from a game to the market where the user was before. */
  leaveGame(): void {
    this.levels.leave()
    location.hash = recall('address') ?? ''
  }

  /** Looks again at what there is to trade. */
  async refresh(): Promise<void> {
    await this.#lookAtVenues()
    if (readAddress() === undefined) await this.#begin()
    else await this.#follow()
  }

  /** With a key, which may see more of them. */
  async #lookAtVenues(): Promise<void> {
    const venues = await answer((this.session.trader?.rest ?? this.rest).venues())
    if (venues === undefined || JSON.stringify(venues) === JSON.stringify(this.#venues)) return
    this.#venues = venues
    this.changed()
  }

  /** Shows what the address names. */
  async #follow(): Promise<void> {
    const stock = readAddress()
    if (stock === undefined) return this.#begin()
    this.#turn += 1
    const turn = this.#turn
    const stocks = await this.#stocksOf(stock.venue)
    // Without an answer there is no connection either, and all this is done again when there is one.
    if (stocks === undefined || turn !== this.#turn) return
    this.#stocks = stocks
    this.#units.clear()
    this.#show(stock)
  }

  #show(stock: Stock): void {
    const listed = this.#stocks.find(({ symbol }) => symbol === stock.symbol)
    const isSame = isSameStock(stock, this.#market?.stock)
    const isThere = isSame && this.#market?.isOver === false
    const wasHere = isSame || (this.#missing?.wasHere === true && isSameStock(stock, this.#missing))
    this.#missing = listed === undefined ? { ...stock, wasHere } : undefined
    if (listed === undefined || !isThere) {
      this.#market?.close()
      const isReadOnly = this.#venues.some(({ venue, readOnly }) => venue === stock.venue && readOnly)
      this.#market = listed && new Market(this.feed, stock, listed, isReadOnly)
      this.draft.begin(this.#market?.assets !== undefined)
    }
    // The market of a game goes with it.
    if (listed !== undefined && !this.levels.isOn(stock.venue)) remember('address', addressOf(stock))
    document.title = listed === undefined ? 'Stockyard' : `${stock.symbol} on ${stock.venue} · Stockyard`
    this.#followAccount()
    this.connection.look()
    this.changed()
  }

  /** Without an address: where the user was last, else a stock that trades, else the first. */
  async #begin(): Promise<void> {
    const last = recall('address')
    if (last !== undefined && this.#venues.some(({ venue }) => last.startsWith(`#/${venue}/`))) {
      location.replace(last)
      return
    }
    let first: Stock | undefined
    for (const { venue } of this.#venues.slice(0, mostLookedAt)) {
      const [listed] = (await this.#stocksOf(venue)) ?? []
      if (listed === undefined) continue
      const stock = { venue, symbol: listed.symbol }
      first ??= stock
      const quote = await answer(this.rest.quote(stock))
      if (quote?.last === undefined) continue
      first = stock
      break
    }
    if (first !== undefined && readAddress() === undefined) location.replace(addressOf(first))
  }

  #followAccount(): void {
    const { levels, session } = this
    session.playAs(levels.isOn(this.#market?.stock.venue) ? levels.game?.account : undefined)
    const { trader } = session
    const venue = this.#market?.isReadOnly === false ? this.#market.stock.venue : undefined
    if (this.#account?.belongsTo(trader, venue) !== true) {
      this.#account?.close()
      this.#account = trader && venue !== undefined ? new Account(trader, venue) : undefined
    }
    this.changed()
  }

  /** Nothing of a venue that there is not; undefined when the server does not answer. */
  #stocksOf(venue: string): Promise<readonly RestStock[] | undefined> {
    return answer(
      this.rest.stocks(venue).catch((error: unknown) => {
        if (error instanceof StockyardError && error.status === 404) return []
        throw error
      }),
    )
  }
}

function isSameStock(a: Stock, b: Stock | undefined): boolean {
  return a.venue === b?.venue && a.symbol === b.symbol
}

/** What the server answers; undefined when it does not. */
async function answer<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call
  } catch (error) {
    if (error instanceof StockyardError) return undefined
    throw error
  }
}
