import t, { type Test } from 'tap'
import type { Player } from '../../examples/levels/player.ts'
import { players } from '../../examples/levels/players.ts'
import {
  dayLength,
  type Happening,
  type Level,
  type LevelName,
  levelNames,
  type Play,
} from '../../game/level.ts'
import { findLevel, levels } from '../../game/levels.ts'
import { lots, micros, ticks } from '../../src/domain/units.ts'
import { playLevel } from '../support/level-game.ts'

t.setTimeout(120_000)

const seed = 7
type Own = NonNullable<(Happening & { type: 'trade' })['player']>
const taken = { side: 'buy', taker: true } as const
const sold = { side: 'sell', taker: true } as const
const waited = { side: 'buy', taker: false } as const

function levelOf(name: LevelName): Level {
  return findLevel(name) as Level
}

function day(n: number): Happening {
  return { type: 'day', day: n, time: micros(n * dayLength) }
}

function trade(price: number, quantity: number, player?: Own, time = dayLength): Happening {
  const shared = { type: 'trade', time: micros(time), price: ticks(price), quantity: lots(quantity) } as const
  return player === undefined ? shared : { ...shared, player }
}

/** What comes of a game of seed 7 in which these things happen. It is saved and loaded before each of them. */
function after(name: LevelName, ...happenings: Happening[]): Play {
  const level = levelOf(name)
  const setup = level.setup(seed)
  return happenings.reduce(
    (play, happening) =>
      level.apply(JSON.parse(JSON.stringify(setup)), JSON.parse(JSON.stringify(play)), happening),
    level.start(setup),
  )
}

function isLost(t: Test, { verdict }: Play, reason: string): void {
  t.same(verdict, { state: 'lost', reason })
}

t.test('every level can be found, and level 4 by both of its names', async (t) => {
  t.same(
    levels.map(({ name }) => name),
    levelNames,
  )
  t.equal(findLevel('dueling_bulldogs'), findLevel('dueling_bulldozers'))
  t.equal(findLevel('nonsense'), undefined)
})

for (const level of levels) {
  t.test(`${level.name} is the same game from the same seed`, async (t) => {
    const player = Object.values(players[level.name] ?? {})[0] as Player<unknown>

    t.same(level.setup(seed), JSON.parse(JSON.stringify(level.setup(seed))), 'plain JSON')
    t.notSame(level.setup(seed), level.setup(seed + 1))
    t.same(playLevel(level, seed, player), playLevel(level, seed, player))
  })

  t.test(`${level.name} is decided when its days have run out, and stays so`, async (t) => {
    const days = Array.from({ length: level.days }, (_, i) => day(i + 1))
    t.equal(after(level.name, ...days).verdict, undefined)

    const play = after(level.name, ...days, day(level.days + 1))

    t.match(
      play.verdict,
      level.name === 'mind_the_gap' ? { state: 'won' } : { state: 'lost', reason: 'time' },
    )
    t.equal(level.apply(level.setup(seed), play, day(1)), play)
  })

  t.test(`${level.name} tells who you are, and names no trader twice`, async (t) => {
    const text = Object.values(
      level.instructions({ venue: 'OGBEX', symbol: 'FOO', account: 'EXB123' }),
    ).join()
    const names = level.population(level.setup(seed), 'EXB123').map(({ name }) => name)

    for (const name of ['OGBEX', 'FOO', 'EXB123']) t.match(text, name)
    t.equal(new Set(names).size, names.length)
  })
}

t.test('what happens to others changes no more than the last price', async (t) => {
  const level = levelOf('sell_side')
  const setup = level.setup(seed)
  const play = level.apply(setup, level.start(setup), trade(5000, 10))

  t.same(play.books, { cash: '0', position: 0, bought: 0, paid: '0', last: 5000 })
  t.equal(level.apply(setup, play, trade(5000, 3)), play, 'nothing new is the same object')
})

t.test('books are exact at prices that no number holds', async (t) => {
  const high = Number.MAX_SAFE_INTEGER

  const { books } = after('first_steps', trade(high, 7, taken), trade(high, 3, sold))

  t.same(books, {
    cash: `${-4n * BigInt(high)}`,
    position: 4,
    bought: 7,
    paid: `${7n * BigInt(high)}`,
    last: high,
  })
})

t.test('first_steps counts what was bought', async (t) => {
  const almost = after('first_steps', day(1), trade(5000, 99, taken), trade(5000, 50, sold))
  t.same(almost.flash, { info: '99 of 100 bought.' })
  t.equal(almost.verdict, undefined)

  const won = after('first_steps', day(1), trade(5000, 100, waited))
  t.same(won.verdict, { state: 'won', score: 100 })
  t.same(won.flash, { info: '100 of 100 bought.', success: 'Won on day 1, with a score of 100.' })
})

t.test('chock_a_block names its target after the first fill, and wants the average', async (t) => {
  const { target } = levelOf('chock_a_block').setup(seed) as ReturnType<Level['setup']> & { target: number }
  t.equal(after('chock_a_block', day(1), trade(target, 10)).flash, undefined)

  const first = after('chock_a_block', day(1), trade(target, 10, taken))
  t.match(first.flash?.info, /purchased 10 shares, average \$\d+\.\d\d\b.*target price is \$\d+\.\d\d\./)

  const exactly = [trade(target + 1, 50_000, taken), trade(target - 1, 49_999, taken)]
  t.match(after('chock_a_block', ...exactly, trade(target - 1, 1, taken)).verdict, { state: 'won' })
  isLost(t, after('chock_a_block', ...exactly, trade(target, 1, taken)), 'average')
})

t.test('chock_a_block: who breaks a limit to reach the goal has lost', async (t) => {
  const { target } = levelOf('chock_a_block').setup(seed) as ReturnType<Level['setup']> & { target: number }
  const far = Math.ceil(target * 1.05) + 1

  isLost(t, after('chock_a_block', trade(1, 99_999, taken), trade(far, 1, taken)), 'impact')
  const waiting = after('chock_a_block', trade(far, 25_000, waited))
  t.equal(waiting.verdict, undefined, 'only who takes is told to stop at once')
  t.match(waiting.flash, { warning: /footprint/ })
  isLost(t, after('chock_a_block', trade(far, 25_001, waited)), 'average')
})

t.test('sell_side looks at NAV and position after every trade', async (t) => {
  const held = trade(5000, 1000, taken)
  t.equal(after('sell_side', held).verdict, undefined)
  t.match(after('sell_side', held).flash, { warning: /large/ })
  isLost(t, after('sell_side', held, trade(5000, 1, taken)), 'position')
  const warned = after('sell_side', held)
  const again = levelOf('sell_side').apply(levelOf('sell_side').setup(seed), warned, trade(5000, 10, sold))
  t.equal(again.flash, warned.flash, 'the same words are no news')
  isLost(t, after('sell_side', trade(5000, 1001, sold)), 'position')
  t.equal(after('sell_side', held, trade(4500, 1)).verdict, undefined)
  isLost(t, after('sell_side', held, trade(4499, 1)), 'money')
  t.same(after('sell_side', day(250), held, trade(6000, 1)).verdict, { state: 'won', score: 75 })
  isLost(t, after('sell_side', held, trade(9000, 1, taken)), 'position')
  t.same(after('sell_side', held, trade(5001, 1), day(2)).flash?.info, 'NAV $10.00.')
})

t.test('dueling_bulldozers warns when a giant sets out', async (t) => {
  const days = Array.from({ length: 60 }, (_, i) => day(i + 1))
  const first = days.findIndex((_, i) => after('dueling_bulldozers', ...days.slice(0, i + 1)).flash?.warning)

  t.ok(first >= 5 && first < 15, `on day ${first + 1}`)
  isLost(t, after('dueling_bulldozers', trade(8000, 5001, sold)), 'position')
  isLost(t, after('dueling_bulldozers', trade(8000, 5000, taken), trade(5999, 1)), 'money')
  t.match(after('dueling_bulldozers', trade(8000, 5000, taken), trade(13_000, 1)).verdict, { state: 'won' })
})

t.test('irrational_exuberance wants a burst, a fortune, and empty hands', async (t) => {
  const { startPrice } = levelOf('irrational_exuberance').setup(seed)
  const peak = 8 * startPrice
  const rise = [trade(startPrice, 1200, taken), trade(peak, 1100, sold)]

  t.equal(after('irrational_exuberance', ...rise).verdict, undefined, 'it has not burst')
  t.match(after('irrational_exuberance', ...rise, trade(peak / 2, 1)).verdict, { state: 'won' })
  const held = [trade(startPrice, 1201, taken), trade(peak, 1100, sold), trade(peak / 2, 1)]
  t.equal(after('irrational_exuberance', ...held).verdict, undefined, 'it holds 101')
  t.equal(after('irrational_exuberance', trade(peak, 1), trade(peak / 2, 1)).verdict, undefined, 'no fortune')
})

t.test('making_amends closes with the first name', async (t) => {
  const level = levelOf('making_amends')
  const setup = level.setup(seed) as ReturnType<Level['setup']> & { insider: string }
  const names = level.accountsOf(setup)
  const accuse = (account: string): Happening => ({ type: 'judge', account, time: micros(dayLength) })
  const innocent = names.find((name) => name !== setup.insider) as string

  t.equal(new Set(names).size, 100)
  t.same(
    level
      .population(setup, 'PLAYER')
      .map(({ account }) => account as string)
      .sort(),
    [...names].sort(),
    'everybody who can be named trades',
  )
  t.same(after('making_amends', day(250), accuse(setup.insider)).verdict, { state: 'won', score: 80 })
  const wrong = after('making_amends', accuse(innocent))
  isLost(t, wrong, 'innocent')
  t.match(wrong.flash, { danger: `${innocent} was innocent. The case is closed.` })
  isLost(t, after('making_amends', trade(9000, 1, sold)), 'short')
  t.equal(after('making_amends', trade(10_000, 1000, taken)).verdict, undefined, 'all the money may be spent')
  isLost(t, after('making_amends', trade(10_001, 1000, taken)), 'cash')
})

t.test('making_amends tells the news on its day', async (t) => {
  const days = Array.from({ length: 30 }, (_, i) => day(i + 1))
  const news = days.map((_, i) => after('making_amends', ...days.slice(0, i + 1)).flash?.info)

  const first = news.findIndex((text) => text !== undefined)
  t.ok(first >= 11 && first < 25, `on day ${first + 1}`)
  t.match(news[first], /^News: (up|down) [3-6]\.\d%\.$/)
})

t.test('first_in_line compares each fill with the middle a day later', async (t) => {
  const quote = (bid: number, time: number): Happening => ({
    ...{ type: 'quote', time: micros(time) },
    ...{ bid: ticks(bid), ask: ticks(bid + 1) },
  })
  const fills = Array.from({ length: 8 }, () => trade(2000, 1000, waited))
  const sales = fills.map(() => trade(2000, 1000, sold))
  const filled = fills.flatMap((fill, i) => [fill, sales[i] as Happening])
  const later = 2 * dayLength

  const young = after('first_in_line', ...filled, quote(2001, later - 1))
  t.equal(young.verdict, undefined)
  t.match(after('first_in_line', ...filled, quote(2001, later - 1), day(2)).verdict, { state: 'won' })
  isLost(t, after('first_in_line', ...filled, quote(1999, later - 1), day(2)), 'markout')
  t.match(after('first_in_line', ...filled, quote(2001, later - 1), quote(1000, later), day(2)).verdict, {
    state: 'won',
  })
  isLost(t, after('first_in_line', trade(2000, 1501, waited)), 'position')
})

t.test('first_in_line remembers no more than a day of fills, in few pieces', async (t) => {
  const level = levelOf('first_in_line')
  const setup = level.setup(seed)
  let play = level.start(setup)
  for (let i = 0; i < 10_000; i += 1) {
    const side = i % 2 === 0 ? 'buy' : 'sell'
    play = level.apply(setup, play, trade(2000, 1, { side, taker: false }, dayLength + i * 1000))
  }

  t.match(play.notes, { shares: 4901 })
  t.ok((play.notes as { young: unknown[] }).young.length <= 51)
})

t.test('mind_the_gap looks at the position when a day ends', async (t) => {
  const within = after('mind_the_gap', day(1), trade(6000, 301, waited), trade(6000, 1, sold), day(2))
  t.equal(within.verdict, undefined)
  t.match(within.flash, { warning: 'Your position at the close was too large.' })
  isLost(t, after('mind_the_gap', day(1), trade(6000, 301, waited), day(2)), 'position')
  const days = Array.from({ length: 100 }, (_, i) => day(i + 2))
  t.same(after('mind_the_gap', day(1), trade(6000, 150, waited), ...days).verdict, {
    state: 'won',
    score: 50,
  })

  const faults = levelOf('mind_the_gap').feedFaults(levelOf('mind_the_gap').setup(seed))
  t.match(faults, { drop: 0.25, darkDays: [Number, Number] })
})
