import type { Fill, Player, Seen, Wish } from './player.ts'

/** The day on which it makes up its mind. */
const judgmentDay = 300
/** How many days later the price is compared. */
const ahead = 5
/** Who traded on fewer days is not looked at. */
const fewDays = 10

type Told = Seen['others'][number]

interface Diary {
  /** What each account bought less what it sold, by day, and the price at the day's end. */
  readonly days: readonly { readonly flows: Readonly<Record<string, number>>; readonly close: number }[]
}

/**
 * Writes down who bought how much on each day, and accuses the account whose trading best foretold the prices of the
 * next five days. Luck comes and goes; who knows, is right too often.
 */
export const whoKnewBefore: Player<Diary> = {
  start: { days: [] },
  every: 5,
  followsOthers: true,
  decide({ days }, seen) {
    const flows: Record<string, number> = {}
    for (const { account, ...fill } of seen.others) flows[account] = (flows[account] ?? 0) + signed(fill)
    const diary = { days: [...days, { flows, close: seen.last ?? 0 }] }
    return { memory: diary, wishes: seen.day < judgmentDay ? [] : accuse(foresight(diary)) }
  },
}

/** For each account how sure it is that its buying came before a rise, and its selling before a fall: a t value. */
function foresight({ days }: Diary): Map<string, number> {
  const scores = new Map<string, number>()
  for (const account of new Set(days.flatMap(({ flows }) => Object.keys(flows)))) {
    const pairs = days.slice(0, -ahead).map(({ flows, close }, i) => {
      const later = (days[i + ahead] as Diary['days'][number]).close
      return [flows[account] ?? 0, later / close - 1] as const
    })
    if (pairs.filter(([flow]) => flow !== 0).length >= fewDays) scores.set(account, tValue(pairs))
  }
  return scores
}

function tValue(pairs: readonly (readonly [number, number])[]): number {
  const n = pairs.length
  const meanOf = (i: 0 | 1) => pairs.reduce((sum, pair) => sum + pair[i], 0) / n
  const [mx, my] = [meanOf(0), meanOf(1)]
  let [xx, yy, xy] = [0, 0, 0]
  for (const [x, y] of pairs) {
    xx += (x - mx) ** 2
    yy += (y - my) ** 2
    xy += (x - mx) * (y - my)
  }
  const r = xx === 0 || yy === 0 ? 0 : xy / Math.sqrt(xx * yy)
  return r * Math.sqrt((n - 2) / (1 - r * r))
}

interface Purse {
  readonly cash: number
  readonly shares: number
  readonly traded: number
  readonly taken: number
  readonly largest: number
}

type Ledger = Readonly<Record<string, Purse>>

/** Accuses whoever made the most money. */
export const accuseRichest = accuseBy((purse, last) => wealth(purse, last))

/** The same, but leaves out whoever mostly waits for others: those are market makers. */
export const accuseRichestTaker = accuseBy((purse, last) =>
  purse.taken < purse.traded / 2 ? Number.NEGATIVE_INFINITY : wealth(purse, last),
)

/** Accuses whoever made the largest trade. */
export const accuseLargest = accuseBy(({ largest }) => largest)

/** Accuses whoever made the most out of each share. */
export const accuseBestPerShare = accuseBy((purse, last) => wealth(purse, last) / Math.max(1, purse.traded))

function wealth({ cash, shares }: Purse, last: number): number {
  return cash + shares * last
}

/** Keeps everybody's books and at the end accuses the account that a rule finds most suspicious. */
function accuseBy(suspicion: (purse: Purse, last: number) => number): Player<Ledger> {
  return {
    start: {},
    every: 5,
    followsOthers: true,
    decide(before, { others, day, last = 0 }) {
      const ledger: Record<string, Purse> = { ...before }
      for (const told of others) ledger[told.account] = enter(ledger[told.account], told)
      if (day < judgmentDay) return { memory: ledger, wishes: [] }
      const scores = new Map(
        Object.entries(ledger).map(([account, purse]) => [account, suspicion(purse, last)]),
      )
      return { memory: ledger, wishes: accuse(scores) }
    },
  }
}

const empty: Purse = { cash: 0, shares: 0, traded: 0, taken: 0, largest: 0 }

function enter(purse: Purse = empty, fill: Told): Purse {
  return {
    cash: purse.cash - signed(fill) * fill.price,
    shares: purse.shares + signed(fill),
    traded: purse.traded + fill.quantity,
    taken: purse.taken + (fill.taker ? fill.quantity : 0),
    largest: Math.max(purse.largest, fill.quantity),
  }
}

function signed({ side, quantity }: Fill): number {
  return side === 'buy' ? quantity : -quantity
}

function accuse(scores: ReadonlyMap<string, number>): Wish[] {
  const [first] = [...scores].sort(([, a], [, b]) => b - a)
  return first === undefined ? [] : [{ type: 'accuse', account: first[0] }]
}
