import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply } from 'fastify'
import { StockPath } from '../schemas/paths.ts'
import { ScoresQuery, ScoresView } from '../schemas/scores.ts'
import { toSum } from '../schemas/sum.ts'
import { formatTime } from '../schemas/time.ts'
import type { InstrumentTerms } from '../src/domain/instrument.ts'
import { halfEven } from '../src/domain/rounding.ts'
import type { Micros } from '../src/domain/units.ts'
import type { Balance, Exchange, Instrument, Venue } from '../src/port.ts'
import { findInstrument, findVenue } from './find.ts'

export interface ScoresOptions {
  readonly exchange: Exchange
  readonly clock: () => Micros
}

/** Who made what of a stock: a page for people, JSON for programs. */
export const scores: FastifyPluginAsyncTypebox<ScoresOptions> = async (app, { exchange, clock }) => {
  const hidden = app.keys.on
  app.route({
    method: 'GET',
    url: '/venues/:venue/stocks/:stock/scores',
    schema: {
      operationId: 'scores',
      summary: 'The scores of a stock',
      description:
        'What each account made of one stock, in cents and shares: a page of text, or JSON with `Accept: application/json` or `?format=json`. Where accounts hold money: what each of them has. Where accounts have keys, money and shares are hidden.',
      tags: ['stocks'],
      params: StockPath,
      querystring: ScoresQuery,
      response: { 200: ScoresView },
    },
    config: { problems: ['bad_name', 'bad_query', 'unknown_venue', 'symbol_not_found'], html: true },
    handler({ params, query, headers }, typed) {
      // What is sent is a view or a page, which the type of one schema cannot say.
      const reply = typed as unknown as FastifyReply
      const options = { hidden, house: query.house !== '0' }
      const json = query.format === undefined ? prefersJson(headers.accept) : query.format === 'json'
      reply.header('Vary', 'Accept')
      if (json) {
        const instrument = findInstrument(exchange, params)
        reply.send(toScoresView(findVenue(exchange, params.venue), instrument, clock(), options))
        return
      }
      reply.type('text/html; charset=utf-8')
      const venue = exchange.venue(params.venue)
      const instrument = venue?.instrument(params.stock)
      if (venue === undefined || instrument === undefined) {
        reply.code(404).send('<pre>No such venue/stock!</pre>')
      } else {
        reply.send(`<pre>${toHtml(toText(venue, instrument, clock(), options))}</pre>`)
      }
    },
  })
}

/** A browser lists pages first; a program that wants JSON says so. */
function prefersJson(accept = ''): boolean {
  return accept.includes('application/json') && !accept.includes('text/html')
}

interface Shown {
  /** Whether money and shares are not shown. */
  readonly hidden: boolean
  /** Whether traders that are part of the venue are listed. */
  readonly house: boolean
}

interface Line {
  readonly account: string
  readonly isHouse: boolean
  readonly money: bigint
  readonly shares: bigint
  readonly lowest: bigint
  readonly highest: bigint
  readonly nav: bigint
}

/** Everybody who takes part, by net asset value, highest first; traders that are part of the venue stand last. */
function ranking(venue: Venue, instrument: Instrument, house: boolean): Line[] {
  const { terms } = instrument
  const lines = terms === undefined ? tradersOf(venue, instrument) : holdersOf(venue, instrument, terms)
  return lines.filter(({ isHouse }) => house || !isHouse).sort(byRank)
}

function byRank(a: Line, b: Line): number {
  if (a.isHouse !== b.isHouse) return a.isHouse ? 1 : -1
  if (a.nav !== b.nav) return a.nav < b.nav ? 1 : -1
  return a.account < b.account ? -1 : 1
}

/** Everybody who traded, and what they made of it from nothing. */
function tradersOf(venue: Venue, instrument: Instrument): Line[] {
  const last = BigInt(instrument.lastTrade?.price ?? 0)
  return Array.from(instrument.scores(), ({ account, cash, position, lowest, highest }) => ({
    account,
    isHouse: venue.account(account)?.isHouse === true,
    money: cash,
    shares: position,
    lowest,
    highest,
    nav: cash + position * last,
  }))
}

/** Everybody on a venue where accounts hold money, and what they have: what they were given, and made of it. */
function holdersOf(venue: Venue, instrument: Instrument, terms: InstrumentTerms): Line[] {
  const price = instrument.reference ?? instrument.lastTrade?.price ?? 0
  const scores = new Map(Array.from(instrument.scores(), (score) => [score.account, score]))
  return Array.from(venue.accounts(), ({ name, isHouse, balances }) => {
    const money = total(balances.get(terms.quote))
    const shares = total(balances.get(terms.base)) / BigInt(terms.unitsPerLot)
    const { position = 0n, lowest = 0n, highest = 0n } = scores.get(name) ?? {}
    const given = shares - position
    return {
      account: name,
      isHouse,
      money,
      shares,
      lowest: given + lowest,
      highest: given + highest,
      nav: money + worthOf(shares, price, terms),
    }
  })
}

/** All that an account has of an asset. */
function total(balance: Balance | undefined): bigint {
  return balance === undefined ? 0n : balance.available + balance.held
}

/** What lots are worth at a price, in smallest units of money; a half goes to the even neighbor. */
function worthOf(shares: bigint, price: number, { worth: [multiplier, divisor] }: InstrumentTerms): bigint {
  return halfEven(shares * BigInt(price) * BigInt(multiplier), BigInt(divisor))
}

function toScoresView(venue: Venue, instrument: Instrument, now: Micros, shown: Shown): ScoresView {
  const { symbol, reference, lastTrade, listedAt, changedAt } = instrument
  return {
    ok: true,
    venue: venue.name,
    symbol,
    ...(lastTrade && { last: lastTrade.price }),
    ...(reference !== undefined && { reference }),
    startTime: formatTime(listedAt),
    ts: formatTime(Math.max(now, changedAt)),
    scores: ranking(venue, instrument, shown.house).map(({ account, isHouse, money, shares, ...line }) => ({
      account,
      ...(isHouse && { house: true as const }),
      ...(!shown.hidden && { cents: toSum(money), shares: toSum(shares) }),
      posMin: toSum(line.lowest),
      posMax: toSum(line.highest),
      nav: toSum(line.nav),
    })),
  }
}

function toText(venue: Venue, instrument: Instrument, now: Micros, { hidden, house }: Shown): string {
  const { symbol, terms, reference, lastTrade, listedAt, changedAt } = instrument
  const price = reference ?? lastTrade?.price
  if (price === undefined) return 'No trading activity yet.'
  const toMoney = (money: bigint) => (terms === undefined ? `$${toDollars(money)}` : `${money}`)
  const lines = ranking(venue, instrument, house)
  const toCells = ({ account, money, shares, lowest, highest, nav }: Line) => [
    account,
    hidden ? '[hidden]' : toMoney(money),
    hidden ? '[hidden]' : `${shares}`,
    `${lowest}`,
    `${highest}`,
    toMoney(nav),
  ]
  const people = lines.filter(({ isHouse }) => !isHouse)
  const traders = lines.filter(({ isHouse }) => isHouse)
  const [quote, base] = terms === undefined ? ['USD', 'Shares'] : [terms.quote, terms.base]
  return [
    `${venue.name} ${symbol}`,
    terms === undefined
      ? `Current price: $${(price / 100).toFixed(2)}`
      : `Current price: ${price} times ${terms.tickSize} ${quote}. Money is in smallest units, ${base} in lots of ${terms.lotSize}.`,
    '',
    ...[['Account', quote, base, 'Pos.min', 'Pos.max', 'NAV'], ...people.map(toCells)].map(toRow),
    ...(traders.length > 0 ? ['', 'House traders', ...traders.map(toCells).map(toRow)] : []),
    '',
    `Start time: ${formatTime(listedAt)}`,
    `Current time: ${formatTime(Math.max(now, changedAt))}`,
    '',
  ].join('\n')
}

function toRow(cells: readonly string[]): string {
  return cells.map((cell) => cell.padStart(20)).join(' ')
}

/** Whole dollars, rounded down: half a dollar owed is one. */
function toDollars(cents: bigint): bigint {
  const dollars = cents / 100n
  return cents < 0n && dollars * 100n !== cents ? dollars - 1n : dollars
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function toHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character)
}
