/** What a number must reach. */
export interface Target {
  readonly must?: number
  readonly stretch?: number
  /** Smaller is better. */
  readonly atMost?: boolean
}

/** One thing measured in every round. */
export interface Measure extends Target {
  readonly what: string
  /** E.g. `×` for a ratio. */
  readonly unit: string
  readonly rounds: readonly number[]
  /** Numbers behind it, for people: never compared with other runs. */
  readonly note?: string
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

export function verdict({ rounds, must, stretch, atMost = false }: Measure): string {
  const value = median(rounds)
  const reaches = (bound: number | undefined) =>
    bound !== undefined && (atMost ? value <= bound : value >= bound)
  if (reaches(stretch)) return 'stretch'
  if (must === undefined) return ''
  return reaches(must) ? 'ok' : 'MISSED'
}

/** A table of one bench, for people. */
export function table(bench: string, measures: readonly Measure[]): string {
  const rows = measures.map((measure) => {
    const { what, unit, rounds, must, stretch, atMost = false, note = '' } = measure
    const sign = atMost ? '≤' : '≥'
    const bound = (n: number | undefined) => (n === undefined ? '' : `${sign} ${number(n)}`)
    return [
      what,
      bound(must),
      bound(stretch),
      `${number(median(rounds))} ${unit}`,
      `${number(Math.min(...rounds))} … ${number(Math.max(...rounds))}`,
      verdict(measure),
      note,
    ]
  })
  const head = [bench, 'must', 'stretch', 'median', 'min … max', '', '']
  const all = [head, ...rows]
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)))
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

export function number(n: number): string {
  if (Math.abs(n) >= 1e6) return `${(n / 1e6).toFixed(2)} M`
  if (Math.abs(n) >= 10_000) return `${Math.round(n / 1000)} k`
  if (Math.abs(n) >= 100) return String(Math.round(n))
  return Number(n.toPrecision(3)).toString()
}
