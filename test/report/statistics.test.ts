import t from 'tap'
import { BooksOfAccount } from '../../src/report/books-of-account.ts'
import { Columns } from '../../src/report/columns.ts'
import { marks, timeMarks } from '../../src/report/scale.ts'
import {
  autocorrelation,
  excessKurtosis,
  returnsOf,
  standardDeviation,
  TimeAtValue,
} from '../../src/report/statistics.ts'
import { decimal, duration, percent, signed, unitsOf } from '../../src/report/text.ts'

const near = (found: number | undefined, wanted: number) => Math.abs((found ?? Number.NaN) - wanted) < 1e-12

t.test('returns are logarithms of the steps', async (t) => {
  const [up, down] = returnsOf([100, 200, 100])

  t.ok(near(up, Math.LN2) && near(down, -Math.LN2))
  t.strictSame(returnsOf([100]), [])
})

t.test('kurtosis, autocorrelation and deviation are those worked out by hand', async (t) => {
  // Around the mean 0: fourth powers 16, 0, 0, 0, 16, mean 6.4; squares 4, 0, 0, 0, 4, mean 1.6; 6.4 / 2.56 - 3.
  t.ok(near(excessKurtosis([-2, 0, 0, 0, 2]), -0.5))
  // 9, -1 eight times, -1: fourth powers 6561 + 9, mean 657; squares 81 + 9, mean 9; 657 / 81 - 3.
  t.ok(near(excessKurtosis([9, ...new Array(9).fill(-1)]), 657 / 81 - 3))
  // Apart from the mean 2: -1, 0, 1, 0. Neighbors: 0 + 0 + 0; two apart: -1 + 0; squares: 2.
  t.ok(near(autocorrelation([1, 2, 3, 2], 1), 0))
  t.ok(near(autocorrelation([1, 2, 3, 2], 2), -0.5))
  // Apart from the mean 0: 1, -1, 1, -1. Neighbors: -3; squares: 4.
  t.ok(near(autocorrelation([1, -1, 1, -1], 1), -0.75))
  t.ok(near(standardDeviation([2, 4, 4, 4, 5, 5, 7, 9]), 2))
})

t.test('what does not move has neither tails nor memory', async (t) => {
  t.equal(excessKurtosis([0.1, 0.1, 0.1]), undefined)
  t.equal(autocorrelation([0.1, 0.1, 0.1], 1), undefined)
  t.equal(excessKurtosis([]), undefined)
})

t.test('quantiles of values weigh the time at them', async (t) => {
  const time = new TimeAtValue()
  time.add(4, 60)
  time.add(2, 30)
  time.add(9, 10)

  t.strictSame(
    [0, 0.29, 0.3, 0.5, 0.9, 1].map((share) => time.quantile(share)),
    [2, 2, 4, 4, 9, 9],
  )
  t.equal(time.shareFrom(4), 0.7)
  t.equal(new TimeAtValue().quantile(0.5), undefined)
})

t.test('large values are told apart by three digits, so that there are few of them', async (t) => {
  const time = new TimeAtValue()
  time.add(123_456, 1)
  time.add(999, 1)

  t.equal(time.quantile(0), 999)
  t.equal(time.quantile(1), 123_000)
})

t.test('columns grow wider with time, and what is in them stays', async (t) => {
  const columns = new Columns()
  const side = (best: number, depth: number) => ({ best, levels: 1, depth })
  columns.trade(0, 105, 4)
  columns.look(0, 700, { bids: side(100, 30), asks: side(104, 50) })
  t.equal(columns.width, 1)

  columns.look(700, 1000, { bids: side(102, 10), asks: { best: undefined, levels: 0, depth: 0 } })
  columns.trade(1000, 99, 6)

  t.equal(columns.width, 5)
  t.equal(columns.all.length, 201)
  const [first] = columns.all
  t.match(first, {
    mid: 102,
    spread: 4,
    widest: 4,
    volume: 4,
    low: 105,
    high: 105,
    bidDepth: 30,
    askDepth: 50,
  })
  t.match(columns.all.at(-2), { mid: undefined, bidDepth: 10, askDepth: 0 })
  t.match(columns.all.at(-1), { volume: 6, low: 99 })
  t.equal(
    columns.all.reduce((sum, { seconds }) => sum + seconds, 0),
    1000,
  )

  const year = 366 * 86_400
  columns.look(1000, year, { bids: side(102, 10), asks: side(103, 10) })

  t.ok(columns.all.length <= 720)
  t.equal(
    columns.all.reduce((sum, { seconds }) => sum + seconds, 0),
    year,
  )
})

t.test(
  'profit is cash and position at the last price, by kind for the house and by name for people',
  async (t) => {
    const books = new BooksOfAccount()
    const noise = (number: number) => ({ name: `HOUSE_NOISE_${number}`, isHouse: true })
    const person = { name: 'TRADER_7', isHouse: false }
    books.fill(noise(1), 'buy', 100, 10)
    books.fill(person, 'sell', 100, 10)
    books.fill(noise(12), 'sell', 90, 4)
    books.fill(person, 'buy', 90, 4)

    t.strictSame(books.results(95), [
      // Sold 10 for 1000, bought 4 for 360, and 6 short at 95: 640 - 570.
      { name: 'TRADER_7', isHouse: false, accounts: 1, fills: 2, traded: 14, position: -6, profit: 70 },
      { name: 'HOUSE_NOISE', isHouse: true, accounts: 2, fills: 2, traded: 14, position: 6, profit: -70 },
    ])
  },
)

t.test('sums of money are exact however large', async (t) => {
  const books = new BooksOfAccount()
  const most = Number.MAX_SAFE_INTEGER
  books.fill({ name: 'A', isHouse: false }, 'buy', most, most)

  t.equal(books.results(most - 1)[0]?.profit, -most)
})

t.test('axes have round numbers and round times', async (t) => {
  const labels = (of: readonly { label: string }[]) => of.map(({ label }) => label)

  t.strictSame(labels(marks({ low: 0, high: 2150 }, 3, String)), ['0', '1000', '2000'])
  t.strictSame(labels(marks({ low: 0, high: 2 }, 4, String, 1)), ['0', '1', '2'])
  t.same(marks({ low: 0, high: 10 }, 2, String)[1], { at: 0.5, label: '5' })
  const at = (hour: number, minute = 0) => Date.UTC(2026, 0, 5, hour, minute) * 1000
  t.strictSame(labels(timeMarks({ low: at(14, 30), high: at(17) })), [
    '14:30',
    '15:00',
    '15:30',
    '16:00',
    '16:30',
    '17:00',
  ])
  t.strictSame(labels(timeMarks({ low: at(1), high: at(95) })), ['6 Jan', '7 Jan', '8 Jan'])
})

t.test('figures are told as people read them', async (t) => {
  const cents = unitsOf(undefined)

  t.strictSame(
    [cents.price(10_014), cents.lots(483_908), cents.money(-16), cents.money(0)],
    ['100.14', '483,908', '−$0.16', '$0.00'],
  )
  t.equal(cents.money(2n ** 60n), '+$11,529,215,046,068,470.00')
  t.strictSame([signed(0.001, 2), signed(-0.001, 2), decimal(-1234.5, 1)], ['0.00', '0.00', '−1,234.5'])
  t.strictSame(
    [percent(0.5), percent(0.9987), percent(0.99999), percent(1)],
    ['50%', '99.87%', 'over 99.9%', '100%'],
  )
  t.strictSame([0, 500_000, 61e6, 23_400e6, 172_800e6].map(duration), [
    '0 µs',
    '500 ms',
    '1 min 1 s',
    '6 h 30 min',
    '2 d',
  ])
})
