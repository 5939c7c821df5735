import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply } from 'fastify'
import { StockPath } from '../schemas/paths.ts'
import { ScoresQuery, ScoresView } from '../schemas/scores.ts'
import { toSum } from '../schemas/sum.ts'
import { formatTime } from '../schemas/time.ts'
import type { InstrumentTerms } from '../src/domain/instrument.ts'
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
      const json = query.format === undefined ? prefersJson(headers.accept) : query.format === 'json'
      reply.header('Vary', 'Accept')
      if (json) {
        const instrument = findInstrument(exchange, params)
        reply.send(toScoresView(findVenue(exchange, params.venue), instrument, clock(), hidden))
        return
      }
      reply.type('text/html; charset=utf-8')
      const venue = exchange.venue(params.venue)
      const instrument = venue?.instrument(params.stock)
      if (venue === undefined || instrument === undefined) {
        reply.code(404).send('<pre>No such venue/stock!</pre>')
      } else {
        reply.send(`<pre>${toHtml(toText(venue, instrument, clock(), hidden))}</pre>`)
      }
    },
  })
}

/** A browser lists pages first; a program that wants JSON says so. */
function prefersJson(accept = ''): boolean {
  return accept.includes('application/json') && !accept.includes('text/html')
}

interface Line {
  readonly account: string
  readonly money: bigint
  readonly shares: bigint
  readonly lowest: bigint
  readonly highest: bigint
  readonly nav: bigint
}

/** Everybody who takes part, by net asset value, highest first. */
function ranking(venue: Venue, instrument: Instrument): Line[] {
  const { terms } = instrument
  const lines = terms === undefined ? tradersOf(instrument) : holdersOf(venue, instrument, terms)
  return lines.sort((a, b) => (a.nav === b.nav ? (a.account < b.account ? -1 : 1) : a.nav < b.nav ? 1 : -1))
}

/** Everybody who traded, and what they made of it from nothing. */
function tradersOf(instrument: Instrument): Line[] {
  const last = BigInt(instrument.lastTrade?.price ?? 0)
  return Array.from(instrument.scores(), ({ account, cash, position, lowest, highest }) => ({
    account,
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
  return Array.from(venue.accounts(), ({ name, balances }) => {
    const money = total(balances.get(terms.quote))
    const shares = total(balances.get(terms.base)) / BigInt(terms.unitsPerLot)
    const { position = 0n, lowest = 0n, highest = 0n } = scores.get(name) ?? {}
    const given = shares - position
    return {
      account: name,
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
  const fine = shares * BigInt(price) * BigInt(multiplier)
  const whole = fine / BigInt(divisor)
  const twice = 2n * (fine % BigInt(divisor))
  const isUp = twice > BigInt(divisor) || (twice === BigInt(divisor) && whole % 2n === 1n)
  return isUp ? whole + 1n : whole
}

function toScoresView(venue: Venue, instrument: Instrument, now: Micros, hidden: boolean): ScoresView {
  const { symbol, reference, lastTrade, listedAt, changedAt } = instrument
  return {
    ok: true,
    venue: venue.name,
    symbol,
    ...(lastTrade && { last: lastTrade.price }),
    ...(reference !== undefined && { reference }),
    startTime: formatTime(listedAt),
    ts: formatTime(Math.max(now, changedAt)),
    scores: ranking(venue, instrument).map(({ account, money, shares, lowest, highest, nav }) => ({
      account,
      ...(!hidden && { cents: toSum(money), shares: toSum(shares) }),
      posMin: toSum(lowest),
      posMax: toSum(highest),
      nav: toSum(nav),
    })),
  }
}

function toText(venue: Venue, instrument: Instrument, now: Micros, hidden: boolean): string {
  const { symbol, terms, reference, lastTrade, listedAt, changedAt } = instrument
  const price = reference ?? lastTrade?.price
  if (price === undefined) return 'No trading activity yet.'
  const toMoney = (money: bigint) => (terms === undefined ? `$${toDollars(money)}` : `${money}`)
  const rows = ranking(venue, instrument).map(({ account, money, shares, lowest, highest, nav }) => [
    account,
    hidden ? '[hidden]' : toMoney(money),
    hidden ? '[hidden]' : `${shares}`,
    `${lowest}`,
    `${highest}`,
    toMoney(nav),
  ])
  const [quote, base] = terms === undefined ? ['USD', 'Shares'] : [terms.quote, terms.base]
  return [
    `${venue.name} ${symbol}`,
    terms === undefined
      ? `Current price: $${(price / 100).toFixed(2)}`
      : `Current price: ${price} times ${terms.tickSize} ${quote}. Money is in smallest units, ${base} in lots of ${terms.lotSize}.`,
    '',
    ...[['Account', quote, base, 'Pos.min', 'Pos.max', 'NAV'], ...rows].map(toRow),
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
