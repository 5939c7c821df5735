import { type Choice, choices } from './choices.ts'

/** What a line of input means. */
export type Input =
  | { readonly is: 'nothing' | Word }
  | { readonly is: 'raw' | 'watch'; readonly rest: string }
  /** `values`: undefined when they are still to be asked for. */
  | { readonly is: 'choice'; readonly choice: Choice; readonly values: readonly string[] | undefined }
  | { readonly is: 'unknown'; readonly word: string }

type Word = 'leave' | 'help' | 'clear' | 'shell' | 'disconnect' | 'reconnect'

const aliases: Readonly<Record<Word, readonly string[]>> = {
  leave: ['stop', 'q', 'Q', 'quit', 'exit'],
  help: ['?', 'h', 'help', 'banner', 'lhelp'],
  clear: ['cls', 'clear'],
  shell: ['shell', 'sh'],
  disconnect: ['16', 'disconnect'],
  reconnect: ['17', 'connect', 'reconnect'],
}
const words: ReadonlyMap<string, Word> = new Map(
  Object.entries(aliases).flatMap(([word, names]) => names.map((name) => [name, word as Word] as const)),
)

const byName: ReadonlyMap<string, Choice> = new Map(
  choices.flatMap((choice) => [`${choice.number}`, ...choice.names].map((name) => [name, choice] as const)),
)

/** Every word that a line may begin with, for completion. */
export const firstWords: readonly string[] = [...words.keys(), ...byName.keys(), 'raw', 'watch'].filter(
  (word) => /^[a-z]{2,}/.test(word),
)

/** Reads a line: a number of the menu or a name, and after it what it asks for, with commas or blanks between. */
export function readInput(line: string): Input {
  const text = line.trim()
  if (text === '') return { is: 'nothing' }
  const [, word = '', rest = ''] = /^(\S+)\s*([\s\S]*)$/.exec(text) ?? []
  const meaning = rest === '' ? words.get(word) : undefined
  if (meaning !== undefined) return { is: meaning }
  if (word === 'raw' || word === 'watch') return { is: word, rest }
  const named = byNameWith(word, rest === '' ? undefined : valuesOf(rest))
  return named ?? { is: 'unknown', word }
}

/** The values of a line, which stand between commas, or between blanks where there is no comma. */
export function valuesOf(line: string): readonly string[] {
  if (line.trim() === '') return []
  return line.includes(',') ? line.replaceAll(/\s/g, '').split(',') : line.trim().split(/\s+/)
}

function byNameWith(word: string, values: readonly string[] | undefined): Input | undefined {
  const [first = '', ...others] = values ?? []
  const choose = (name: string, chosen = values): Input => ({
    is: 'choice',
    choice: byName.get(name) as Choice,
    values: chosen,
  })
  // order buy vetusdt 0.75 1000 [limit]
  if (word === 'order' && /^(buy|sell)$/i.test(first)) {
    const [market = '', price = '', volume = '', type = 'limit', ...more] = others
    return choose('create', [market, first, price, volume, type, ...more])
  }
  if (word === 'cancel' && first === 'all' && others.length === 0) return choose('cancel-all', [])
  if (word === 'history' && /^\d+$/.test(first)) return choose('history-order')
  return byName.has(word) ? choose(word) : undefined
}

/** What is wrong with the values of a choice, if something is. */
export function valuesFault({ fields, isList }: Choice, values: readonly string[]): string | undefined {
  const names = fields.map(({ name }) => name).join(', ')
  const least = fields.filter(({ optional }) => optional !== true).length
  const most = isList === true ? Number.POSITIVE_INFINITY : fields.length
  if (values.length < least || values.length > most) {
    const wanted = fields.length === 0 ? 'nothing' : `${expected(least, fields.length, isList)} (${names})`
    return `expected ${wanted}, received ${values.length}`
  }
  for (const [i, value] of values.entries()) {
    const field = fields[Math.min(i, fields.length - 1)]
    if (value === '') return `${field?.name} is empty`
    const fault = field?.fault?.(value)
    if (fault !== undefined) return `${field?.name} ${fault}: ${value}`
  }
  return undefined
}

function expected(least: number, most: number, isList: true | undefined): string {
  const plural = (n: number) => `${n} value${n === 1 ? '' : 's'}`
  if (isList === true) return `${plural(least)} or more`
  return least === most ? plural(most) : `${least} to ${plural(most)}`
}
