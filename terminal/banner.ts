import { choices } from './choices.ts'

const width = 104

/** The menu: title, words and choices in a frame of stars. */
export function banner(url: string): string {
  const bar = '*'.repeat(width)
  const line = (text = '') => `* ${text.padEnd(width - 4)} *`
  const entries = [
    ...choices.map(({ number, title, needsLogin }) => `${number}. ${title}${needsLogin ? ' *' : ''}`),
    '16. disconnect',
    '17. reconnect',
  ]
  const rows = Math.ceil(entries.length / 3)
  const columns = Array.from({ length: rows }, (_, row) =>
    [0, 1, 2].map((column) => (entries[column * rows + row] ?? '').padEnd(32)).join(''),
  )
  return [
    bar,
    line(`Stockyard terminal for OceanEx at ${url}`),
    line(),
    line('help, ?: this    clear: an empty screen    shell: a shell of the system    quit: leave'),
    line(
      'A number, or a name with its values:  order buy vetusdt 0.75 1000    cancel 18 19    book vetusdt 10',
    ),
    line('watch vetusdt: book, trades and orders as they change    raw {...}: sends a frame as it stands'),
    line(),
    ...columns.map((text) => line(text.trimEnd())),
    line(),
    line('* needs a login'),
    bar,
  ].join('\n')
}
