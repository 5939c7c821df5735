import { type BookRecord, depthLevels } from './book-record.ts'
import { drawChart } from './chart.ts'
import { type Mark, marks, type Range, rangeOf, timeMarks } from './scale.ts'
import { autocorrelation, returnsOf, standardDeviation } from './statistics.ts'
import { decimal, duration, type Units } from './text.ts'

/** Fewer one-minute returns than this make no picture. */
const leastReturns = 60
const mostLags = 20
/** The distribution is drawn to so many standard deviations, with so many columns to each. */
const deviations = 5
const columnsEach = 4

/** What a book was over time: price, volume, spread and depth, one under the other. */
export function drawHistory(record: BookRecord, units: Units): string {
  const { columns, start, end } = record
  const { all, width } = columns
  const across = timeMarks({ low: start, high: Math.max(end, start + 1) })
  const count = Math.max((end - start) / 1e6 / width, 1e-6)
  const common = { columns: count, across }
  const each = duration(width * 1e6)
  const mids = all.map(({ mid }) => mid)
  const traded = all.map(({ low, high }) => (low <= high ? { low, high } : undefined))
  const lows = traded.map((column) => column?.low)
  const highs = traded.map((column) => column?.high)
  const prices = rangeOf([...mids, ...lows, ...highs])
  const volumes = all.map(({ volume }) => volume)
  const spreads = all.map(({ spread }) => spread)
  const widest = all.map(({ quoted, widest }) => (quoted > 0 ? widest : undefined))
  const bidDepths = all.map(({ bidDepth }) => bidDepth)
  const askDepths = all.map(({ askDepth }) => askDepth)
  return [
    drawChart({
      ...common,
      title: 'Price',
      summary: `The mid price over time, and the lowest and highest trade of each ${each}`,
      height: 240,
      range: prices,
      rows: marks(prices, 5, units.price, 1),
      layers: [
        { type: 'band', color: 'soft', lows, highs },
        { type: 'line', color: 'accent', values: mids },
      ],
      legend: [
        { color: 'accent', label: 'mid price' },
        { color: 'soft', label: 'lowest to highest trade' },
      ],
    }),
    drawChart({
      ...common,
      ...upright(volumes, units.lots),
      title: `Volume, each ${each}`,
      summary: `Quantity traded in each ${each}`,
      height: 90,
      layers: [{ type: 'bars', color: 'bar', values: volumes }],
    }),
    drawChart({
      ...common,
      ...upright(widest, (n) => decimal(n)),
      title: 'Spread, in ticks',
      summary: `Mean and widest spread of each ${each}`,
      height: 90,
      layers: [
        { type: 'band', color: 'soft', lows: spreads, highs: widest },
        { type: 'line', color: 'accent', values: spreads },
      ],
      legend: [
        { color: 'accent', label: 'mean' },
        { color: 'soft', label: 'up to the widest' },
      ],
    }),
    drawChart({
      ...common,
      ...upright([...bidDepths, ...askDepths], units.lots),
      title: `Depth, best ${depthLevels} levels`,
      summary: `Mean quantity at the best ${depthLevels} levels of each side`,
      height: 110,
      layers: [
        { type: 'line', color: 'buy', values: bidDepths },
        { type: 'line', color: 'sell', values: askDepths },
      ],
      legend: [
        { color: 'buy', label: 'bids' },
        { color: 'sell', label: 'asks' },
      ],
    }),
  ].join('\n')
}

/** How the one-minute returns are spread, and how long they are remembered; nothing of too few. */
export function drawReturns({ mids }: BookRecord): string[] {
  const returns = returnsOf(mids)
  const deviation = standardDeviation(returns)
  if (returns.length < leastReturns || !(deviation > 0)) return []
  return [drawDistribution(returns, deviation), drawMemory(returns)]
}

function drawDistribution(returns: readonly number[], deviation: number): string {
  const count = 2 * deviations * columnsEach
  const shares: number[] = new Array(count).fill(0)
  for (const x of returns) {
    const column = Math.floor((x / deviation + deviations) * columnsEach)
    const i = Math.min(count - 1, Math.max(0, column))
    shares[i] = (shares[i] as number) + 1 / returns.length
  }
  const normal = shares.map((_, i) => {
    const z = (i + 0.5) / columnsEach - deviations
    return Math.exp(-(z ** 2) / 2) / Math.sqrt(2 * Math.PI) / columnsEach
  })
  return drawChart({
    ...upright([...shares, ...normal], (n) => `${decimal(n * 100)}%`, 0.01),
    title: 'One-minute returns',
    summary: 'How one-minute returns are distributed, beside a normal distribution',
    height: 150,
    columns: count,
    across: [-4, -2, 0, 2, 4].map((z) => ({
      at: (z + deviations) / (2 * deviations),
      label: z === 0 ? '0' : `${z < 0 ? '−' : '+'}${Math.abs(z)} σ`,
    })),
    layers: [
      { type: 'bars', color: 'bar', values: shares },
      { type: 'line', color: 'quiet', values: normal },
    ],
    legend: [
      { color: 'bar', label: 'measured' },
      { color: 'quiet', label: 'normal' },
    ],
  })
}

function drawMemory(returns: readonly number[]): string {
  const absolute = returns.map(Math.abs)
  const lags = Array.from({ length: mostLags }, (_, i) => i + 1)
  const own = lags.map((lag) => autocorrelation(returns, lag))
  const ofAbsolute = lags.map((lag) => autocorrelation(absolute, lag))
  const range = rangeOf([...own, ...ofAbsolute, 0])
  return drawChart({
    title: 'Autocorrelation by minutes of lag',
    summary: 'Autocorrelation of returns and of absolute returns for lags of 1 to 20 minutes',
    height: 150,
    columns: mostLags,
    range,
    rows: marks(range, 4, (n) => decimal(n, 2), 0.01),
    across: [1, 5, 10, 15, 20].map((lag) => ({ at: (lag - 0.5) / mostLags, label: `${lag}` })),
    layers: [
      { type: 'bars', color: 'bar', values: ofAbsolute },
      { type: 'line', color: 'accent', values: own },
    ],
    legend: [
      { color: 'bar', label: 'absolute returns' },
      { color: 'accent', label: 'returns' },
    ],
  })
}

/** An axis from zero up. */
function upright(
  values: readonly (number | undefined)[],
  label: (value: number) => string,
  least = 1,
): { range: Range; rows: Mark[] } {
  const range = rangeOf(values, { fromZero: true })
  return { range, rows: marks(range, 3, label, least) }
}
