import { styleText } from 'node:util'

/** How something is shown. */
export interface Style {
  /** Whether words may have colors. */
  readonly color: boolean
}

type Row = Readonly<Record<string, unknown>>

const numeric = /^-?[\d.]+$/

/** Rows below the names of their columns, numbers to the right. A column that no row has anything in is left out. */
export function table(rows: readonly Row[], columns: readonly string[], style: Style): string {
  const shown = columns.filter((column) => rows.some((row) => textOf(row[column]) !== ''))
  const widths = shown.map((column) =>
    Math.max(column.length, ...rows.map((row) => textOf(row[column]).length)),
  )
  const isNumeric = shown.map((column) =>
    rows.every((row) => numeric.test(textOf(row[column])) || textOf(row[column]) === ''),
  )
  const line = (cells: readonly string[], paint: (cell: string, i: number) => string) =>
    cells
      .map((cell, i) => {
        const gap = ' '.repeat((widths[i] as number) - cell.length)
        const last = i === cells.length - 1 && !isNumeric[i]
        return isNumeric[i] ? gap + paint(cell, i) : paint(cell, i) + (last ? '' : gap)
      })
      .join('  ')
  const head = line(shown, (cell) => (style.color ? styleText('bold', cell) : cell))
  const body = rows.map((row) =>
    line(
      shown.map((column) => textOf(row[column])),
      (cell) => painted(cell, style),
    ),
  )
  return [head, ...body].join('\n')
}

/** Names and values below each other. */
export function sheet(row: Row, style: Style): string {
  const names = Object.keys(row).filter((name) => textOf(row[name]) !== '')
  const width = Math.max(...names.map((name) => name.length))
  return names
    .map((name) => {
      const label = name.padEnd(width)
      return `${style.color ? styleText('bold', label) : label}  ${painted(textOf(row[name]), style)}`
    })
    .join('\n')
}

/** A text in a frame of stars. */
export function starred(
  lines: readonly string[],
  width = Math.max(...lines.map((line) => line.length)) + 4,
): string {
  const bar = '*'.repeat(width)
  return [bar, ...lines.map((line) => `* ${line.padEnd(width - 4)} *`), bar].join('\n')
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function painted(cell: string, { color }: Style): string {
  if (!color) return cell
  if (cell === 'bid' || cell === 'buy') return styleText('green', cell)
  if (cell === 'ask' || cell === 'sell') return styleText('red', cell)
  return cell
}
