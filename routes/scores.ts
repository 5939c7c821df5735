import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply } from 'fastify'
import { StockPath } from '../schemas/paths.ts'
import { ScoresQuery, ScoresView } from '../schemas/scores.ts'
import { formatTime } from '../schemas/time.ts'
import type { Micros } from '../src/domain/units.ts'
import type { Exchange, Instrument, Score } from '../src/port.ts'
import { findInstrument } from './find.ts'

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
        'What each account made of one stock, in cents and shares: a page of text, or JSON with `Accept: application/json` or `?format=json`. Where accounts have keys, money and shares are hidden.',
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
        reply.send(toScoresView(findInstrument(exchange, params), clock(), hidden))
        return
      }
      reply.type('text/html; charset=utf-8')
      const instrument = exchange.venue(params.venue)?.instrument(params.stock)
      if (instrument === undefined) reply.code(404).send('<pre>No such venue/stock!</pre>')
      else reply.send(`<pre>${toHtml(toText(instrument, clock(), hidden))}</pre>`)
    },
  })
}

/** A browser lists pages first; a program that wants JSON says so. */
function prefersJson(accept = ''): boolean {
  return accept.includes('application/json') && !accept.includes('text/html')
}

interface Line extends Score {
  readonly nav: bigint
}

/** Everybody who traded, by net asset value, highest first. */
function ranking(instrument: Instrument): Line[] {
  const last = BigInt(instrument.lastTrade?.price ?? 0)
  return Array.from(instrument.scores(), (score) => ({
    account: score.account,
    cash: score.cash,
    position: score.position,
    lowest: score.lowest,
    highest: score.highest,
    nav: score.cash + score.position * last,
  })).sort((a, b) => (a.nav === b.nav ? (a.account < b.account ? -1 : 1) : a.nav < b.nav ? 1 : -1))
}

function toScoresView(instrument: Instrument, now: Micros, hidden: boolean): ScoresView {
  const { venue, symbol, lastTrade, listedAt, changedAt } = instrument
  return {
    ok: true,
    venue,
    symbol,
    ...(lastTrade && { last: lastTrade.price }),
    startTime: formatTime(listedAt),
    ts: formatTime(Math.max(now, changedAt)),
    scores: ranking(instrument).map(({ account, cash, position, lowest, highest, nav }) => ({
      account,
      ...(!hidden && { cents: toSum(cash), shares: toSum(position) }),
      posMin: toSum(lowest),
      posMax: toSum(highest),
      nav: toSum(nav),
    })),
  }
}

function toSum(sum: bigint): number | string {
  const number = Number(sum)
  return Number.isSafeInteger(number) ? number : `${sum}`
}

function toText(instrument: Instrument, now: Micros, hidden: boolean): string {
  const { venue, symbol, lastTrade, listedAt, changedAt } = instrument
  if (lastTrade === undefined) return 'No trading activity yet.'
  const rows = ranking(instrument).map(({ account, cash, position, lowest, highest, nav }) => [
    account,
    hidden ? '[hidden]' : `$${toDollars(cash)}`,
    hidden ? '[hidden]' : `${position}`,
    `${lowest}`,
    `${highest}`,
    `$${toDollars(nav)}`,
  ])
  return [
    `${venue} ${symbol}`,
    `Current price: $${(lastTrade.price / 100).toFixed(2)}`,
    '',
    ...[['Account', 'USD', 'Shares', 'Pos.min', 'Pos.max', 'NAV'], ...rows].map(toRow),
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
