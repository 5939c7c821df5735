import type { Mark, Range } from './scale.ts'
import { escapeHtml } from './text.ts'

/** The drawing is stretched to the width of the page; its texts stand beside it, so that they are not. */
const width = 1000
/** More bars than this touch each other. */
const mostBars = 120

/** One thing that is drawn, a value a column; where there is none is a gap. */
export type Layer =
  | { readonly type: 'line'; readonly color: string; readonly values: readonly (number | undefined)[] }
  | {
      readonly type: 'band'
      readonly color: string
      readonly lows: readonly (number | undefined)[]
      readonly highs: readonly (number | undefined)[]
    }
  | { readonly type: 'bars'; readonly color: string; readonly values: readonly (number | undefined)[] }

export interface Chart {
  readonly title: string
  /** What a reader who cannot see it is told. */
  readonly summary: string
  readonly height: number
  /** How many columns the whole width has; fractions are right, when the last column is not full. */
  readonly columns: number
  readonly range: Range
  /** Marks of the vertical axis. */
  readonly rows: readonly Mark[]
  /** Marks of the horizontal axis. */
  readonly across: readonly Mark[]
  readonly layers: readonly Layer[]
  /** What the colors mean, where it is not plain. */
  readonly legend?: readonly { readonly color: string; readonly label: string }[]
}

/** A chart as HTML, with its labels. */
export function drawChart(chart: Chart): string {
  const { title, summary, height, rows, across, layers, legend = [] } = chart
  const grid = [
    ...rows.map(({ at }) => `M0 ${short((1 - at) * height)}H${width}`),
    ...across.map(({ at }) => `M${short(at * width)} 0V${height}`),
  ]
  const drawn = layers.map((layer) => drawLayer(layer, chart)).join('')
  const key = legend.map(
    ({ color, label }) => `<span><i class="dot ${color}"></i>${escapeHtml(label)}</span>`,
  )
  return `<figure class="chart">
<figcaption><b>${escapeHtml(title)}</b>${key.length === 0 ? '' : `<span class="key">${key.join('')}</span>`}</figcaption>
<div class="plot" style="height:${height}px">
<svg viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" role="img" aria-label="${escapeHtml(summary)}"><path class="grid" d="${grid.join('')}"/>${drawn}</svg>
${rows.map(({ at, label }) => `<span class="row" style="top:${short((1 - at) * 100)}%">${escapeHtml(label)}</span>`).join('')}
</div>
<div class="across">${across.map(({ at, label }) => `<span style="left:${short(at * 100)}%">${escapeHtml(label)}</span>`).join('')}</div>
</figure>`
}

function drawLayer(layer: Layer, { height, columns, range }: Chart): string {
  const x = (i: number) => short(Math.min(width, (i / columns) * width))
  const y = (value: number) => {
    const share = (value - range.low) / (range.high - range.low)
    return short((1 - Math.min(1, Math.max(0, share))) * height)
  }
  switch (layer.type) {
    case 'line':
      return `<path class="line ${layer.color}" d="${linePath(layer.values, x, y)}"/>`
    case 'band':
      return `<path class="band ${layer.color}" d="${bandPath(layer.lows, layer.highs, x, y)}"/>`
    case 'bars':
      return `<path class="fill ${layer.color}" d="${barPath(layer.values, x, y)}"/>`
    default:
      return layer satisfies never
  }
}

type Place = (value: number) => string

function linePath(values: readonly (number | undefined)[], x: Place, y: Place): string {
  let path = ''
  for (const [first, run] of runsOf(values)) {
    const points = run.map((value, i) => `${x(first + i + 0.5)} ${y(value)}`)
    // One point alone is a short stroke.
    path += run.length === 1 ? `M${x(first)} ${y(run[0] as number)}H${x(first + 1)}` : `M${points.join('L')}`
  }
  return path
}

/** Few columns are boxes, each its own; many are one shape. */
function bandPath(
  lows: readonly (number | undefined)[],
  highs: readonly (number | undefined)[],
  x: Place,
  y: Place,
): string {
  let path = ''
  for (const [first, run] of runsOf(highs)) {
    const low = (i: number) => y(lows[first + i] as number)
    const along = (i: number) => x(first + i + 0.5)
    const box = (high: number, i: number) =>
      `M${x(first + i)} ${y(high)}H${x(first + i + 1)}V${low(i)}H${x(first + i)}Z`
    const up = run.map((high, i) => `${along(i)} ${y(high)}`)
    const down = run.map((_, i) => `${along(i)} ${low(i)}`)
    path += highs.length <= mostBars ? run.map(box).join('') : `M${[...up, ...down.toReversed()].join('L')}Z`
  }
  return path
}

/** Bars with a little room between them; where they are too many for that, one shape with steps. */
function barPath(values: readonly (number | undefined)[], x: Place, y: Place): string {
  if (values.length <= mostBars) {
    const bar = (value: number, i: number) => `M${x(i + 0.1)} ${y(0)}V${y(value)}H${x(i + 0.9)}V${y(0)}Z`
    return values.map((value = 0, i) => (value === 0 ? '' : bar(value, i))).join('')
  }
  const steps = values.map((value = 0, i) => `V${y(value)}H${x(i + 1)}`)
  return `M0 ${y(0)}${steps.join('')}V${y(0)}Z`
}

/** The stretches of values without a gap, each with the place of its first. */
function runsOf(values: readonly (number | undefined)[]): [number, number[]][] {
  const runs: [number, number[]][] = []
  let run: number[] = []
  for (const [i, value] of values.entries()) {
    if (value === undefined) {
      run = []
      continue
    }
    if (run.length === 0) runs.push([i, run])
    run.push(value)
  }
  return runs
}

/** As few digits as a drawing needs. */
function short(n: number): string {
  return String(Math.round(n * 10) / 10)
}
