import { type Amount, plus } from '../domain/amount.ts'
import type { Micros } from '../domain/units.ts'
import type { BookRecord } from './book-record.ts'
import type { Result } from './books-of-account.ts'
import { drawHistory, drawReturns } from './charts.ts'
import { type Fact, factsOf, type Verdict } from './facts.ts'
import { style } from './style.ts'
import { clock, day, decimal, duration, escapeHtml, moment, signed, type Units, unitsOf } from './text.ts'

/** Books that get a section of their own, of up to 90 kB each: the file is to be small enough to send around. */
export const mostSections = 5
/** Lines of the table of profits. */
const mostResults = 40

const marksOf: Readonly<Record<Verdict, string>> = {
  within: '✓ within',
  outside: '✕ outside',
  short: 'too short to judge',
}

export interface Report {
  /** What is reported on, as people know it. */
  readonly name: string
  /** The busiest first. */
  readonly books: readonly BookRecord[]
  readonly commands: number
  /** When the record begins, if the journal does not reach back to its beginning. */
  readonly cutAt: Micros | undefined
  readonly version: string
}

/** The report as one HTML file that asks for nothing else. The same journal gives the same bytes. */
export function renderReport({ name, books, commands, cutAt, version }: Report): string {
  const shown = books.slice(0, mostSections)
  const left = books.slice(mostSections)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(name)}: market report</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>Market report</h1>
<p>${escapeHtml(name)} · ${decimal(commands)} commands replayed</p>
${cutAt === undefined ? '' : `<p><b>Not from the beginning:</b> the journal no longer reaches back to it. Everything here counts from ${moment(cutAt)} UTC on, profits and positions too.</p>`}
${shown.length > 1 ? `<nav>${shown.map((book, i) => `<a href="#book-${i + 1}">${nameOf(book)}</a>`).join('')}</nav>` : ''}
</header>
<main>
${shown.map((book, i) => drawSection(book, i + 1)).join('\n')}
${left.length === 0 ? '' : drawLeft(left)}
</main>
<footer>Made by stockyard report, version ${escapeHtml(version)}. Times are UTC. All of it is play money.</footer>
</body>
</html>
`
}

function nameOf({ venue, symbol }: BookRecord): string {
  return `${escapeHtml(venue)} / ${escapeHtml(symbol)}`
}

function drawSection(record: BookRecord, number: number): string {
  const units = unitsOf(record.terms)
  const returns = drawReturns(record)
  return `<section id="book-${number}">
<h2>${nameOf(record)}</h2>
<p class="span">${spanOf(record)}</p>
${drawFigures(record, units)}
<div class="panel">
${drawHistory(record, units)}
</div>
${drawFacts(factsOf(record, units))}
${returns.length === 0 ? '' : `<div class="pair">${returns.map((chart) => `<div class="panel">${chart}</div>`).join('')}</div>`}
${drawProfits(record, units)}
</section>`
}

function spanOf({ start, end }: BookRecord): string {
  const sameDay = day(start) === day(end)
  const until = sameDay ? clock(end, true) : moment(end)
  return `${moment(start)} to ${until} · ${duration(end - start)}`
}

function drawFigures(record: BookRecord, units: Units): string {
  const { firstPrice, lastPrice, trades, orders, volume, lowestMid, highestMid, firstMid } = record
  const change =
    firstPrice === undefined || lastPrice === undefined || firstPrice === 0
      ? undefined
      : `${signed((lastPrice / firstPrice - 1) * 100, 2)}% since the first trade`
  const figures: [string, string, string | undefined][] = [
    ['Last price', lastPrice === undefined ? '–' : units.price(lastPrice), change],
    [
      'Mid price',
      firstMid === undefined ? '–' : `${units.price(lowestMid)} – ${units.price(highestMid)}`,
      'lowest to highest',
    ],
    ['Trades', decimal(trades), `of ${decimal(orders)} orders`],
    ['Volume', units.lots(volume), undefined],
  ]
  return `<dl class="figures">${figures
    .map(
      ([name, value, more]) =>
        `<div><dt>${name}</dt><dd>${value}${more === undefined ? '' : `<small>${more}</small>`}</dd></div>`,
    )
    .join('')}</dl>`
}

function drawFacts(facts: readonly Fact[]): string {
  const isShort = facts.some(({ verdict }) => verdict === 'short')
  return `<div class="panel">
<h3>Is it a market that lives?</h3>
<table class="facts">
<thead><tr><th>figure</th><th>measured</th><th>wanted</th><th></th></tr></thead>
<tbody>
${facts.map(drawFact).join('\n')}
</tbody>
</table>
<p class="note">The bands are those of a market of house traders, over a trading day (6.5 hours) or more.${
    isShort ? ' Figures of returns are judged from a day on, the others from ten minutes on.' : ''
  } Of single days, about one in ten leaves the band of the first autocorrelation by chance.</p>
</div>`
}

function drawFact({ name, measured, more, wanted, verdict }: Fact): string {
  const small = more === undefined ? '' : `<small>${more}</small>`
  return `<tr><td>${name}</td><td>${measured}${small}</td><td>${wanted}</td><td><span class="mark ${verdict}">${marksOf[verdict]}</span></td></tr>`
}

function drawProfits({ accounts, lastPrice, terms }: BookRecord, units: Units): string {
  if (lastPrice === undefined) return ''
  const results = accounts.results(lastPrice)
  const { shown, left } = mostTelling(results)
  const widest = shown.reduce((most, { profit }) => Math.max(most, Math.abs(Number(profit))), 0)
  const hasFees = terms?.fees !== undefined
  return `<div class="panel">
<h3>Who earned what</h3>
<div class="scroll"><table class="profits">
<thead><tr><th>traders</th><th class="spare">accounts</th><th>trades</th><th class="spare">traded</th><th>position</th><th>profit</th></tr></thead>
<tbody>
${shown.map((result) => drawResult(result, units, widest)).join('\n')}
${left.length === 0 ? '' : drawResult(together(left), units, widest)}
</tbody>
</table></div>
<p class="note">Profit is cash plus position at the last price${hasFees ? ', before fees' : ''}; all profits together come to nothing. House traders are
taken together by their kind, people stand under the names of their accounts. A trade counts on both sides.</p>
</div>`
}

function drawResult(
  { name, accounts, fills, traded, position, profit }: Result,
  units: Units,
  widest: number,
): string {
  return `<tr><td>${escapeHtml(name)}</td><td class="spare">${decimal(accounts)}</td><td>${decimal(fills)}</td><td class="spare">${units.lots(traded)}</td><td>${units.lots(position)}</td><td class="${profit > 0 ? 'buy' : profit < 0 ? 'sell' : ''}">${units.money(profit)}${drawShare(profit, widest)}</td></tr>`
}

/** A bar from the middle to the right for a profit, to the left for a loss. */
function drawShare(profit: Amount, widest: number): string {
  const share = widest === 0 ? 0 : (Math.abs(Number(profit)) / widest) * 50
  const place = profit < 0 ? 'right' : 'left'
  return `<span class="share"><i style="${place}:50%;width:${share.toFixed(1)}%"></i></span>`
}

/** Of many traders those who made and lost most; what is left is told in one line. */
function mostTelling(results: readonly Result[]): { shown: readonly Result[]; left: readonly Result[] } {
  if (results.length <= mostResults) return { shown: results, left: [] }
  const half = mostResults / 2
  return {
    shown: [...results.slice(0, half), ...results.slice(-half)],
    left: results.slice(half, -half),
  }
}

function together(results: readonly Result[]): Result {
  const sum = (of: (result: Result) => Amount) => results.reduce((all: Amount, one) => plus(all, of(one)), 0)
  return {
    name: `${decimal(results.length)} between them`,
    isHouse: false,
    accounts: Number(sum(({ accounts }) => accounts)),
    fills: Number(sum(({ fills }) => fills)),
    traded: sum(({ traded }) => traded),
    position: sum(({ position }) => position),
    profit: sum(({ profit }) => profit),
  }
}

function drawLeft(books: readonly BookRecord[]): string {
  const most = 50
  const rows = books
    .slice(0, most)
    .map(
      (book) =>
        `<tr><td>${nameOf(book)}</td><td>${decimal(book.orders)}</td><td>${decimal(book.trades)}</td></tr>`,
    )
  const more = books.length > most ? ` ${decimal(books.length - most)} more are not listed.` : ''
  return `<section>
<h2>Less busy</h2>
<div class="panel"><table><thead><tr><th>book</th><th>orders</th><th>trades</th></tr></thead><tbody>${rows.join('')}</tbody></table>
<p class="note">The ${mostSections} busiest books are shown. For another one: --venue and --symbol.${more}</p></div>
</section>`
}
