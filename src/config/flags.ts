import { nearest } from './nearest.ts'
import { isOnOrOff, type Key, keys, onOff, Refusal, settingOf, settings } from './settings.ts'

/** Flags of the old servers for what is always on here; they take no value. */
const alwaysOn = [
  { names: ['w', 'ws', 'websocket', 'websockets'], notice: 'websockets are always on, at the same port' },
  { names: ['e', 'extra', 'excess'], notice: "the lists of an account's orders are always on" },
]
const oneThatIsNot = ['wsport', 'ws_port']

/** What the command line says, not looked at yet. */
export interface Flags {
  readonly texts: ReadonlyMap<Key, readonly string[]>
  readonly wants: 'start' | 'help' | 'version'
  /** Flags that change nothing, and why. */
  readonly notices: readonly string[]
}

/** Reads the command line. Throws a `Refusal` for a flag that does not exist or lacks its value. */
export function readFlags(argv: readonly string[]): Flags {
  const texts = new Map<Key, string[]>()
  const notices: string[] = []
  let wants: Flags['wants'] = 'start'
  const words = [...argv]
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const flag = splitFlag(word)
    if (flag === undefined) {
      throw new Refusal(`${JSON.stringify(word)} is not a flag; see --help`, 2)
    }
    const { shown, text } = flag
    const notice = alwaysOn.find(({ names }) => names.includes(flag.name))
    const key = flags.get(flag.name)
    if (flag.name === 'help' || flag.name === 'h') wants = 'help'
    else if (flag.name === 'version') wants = 'version'
    else if (notice !== undefined) notices.push(`${shown} changes nothing: ${notice.notice}`)
    else if (oneThatIsNot.includes(flag.name)) {
      throw new Refusal(`${shown}: there is one port for everything, websockets too; see --port`, 2)
    } else if (key === undefined) throw unknownFlag(shown)
    else {
      const given = text ?? valueFrom(words, key, shown)
      const setting = settingOf(key)
      const items = setting.kind.json === 'list' ? given.split(',').map((item) => item.trim()) : [given]
      texts.set(key, [...(texts.get(key) ?? []), ...items])
    }
  }
  return { texts, wants, notices }
}

const flags: ReadonlyMap<string, Key> = new Map(
  keys.flatMap((key) =>
    [settings[key].flag, ...(settingOf(key).aliases ?? [])].map((flag) => [flag, key] as const),
  ),
)

/** `--flag`, `--flag=text`, `-f`, `-ftext`, and with one dash a long flag, as Go programs take them. */
function splitFlag(word: string): { name: string; shown: string; text: string | undefined } | undefined {
  const [, dashes, body] = /^(--?)([^-=].*)$/s.exec(word) ?? []
  if (dashes === undefined || body === undefined) return undefined
  const equals = body.indexOf('=')
  const long = equals === -1 ? body : body.slice(0, equals)
  const text = equals === -1 ? undefined : body.slice(equals + 1)
  if (dashes === '--' || isFlag(long)) return { name: long, shown: `${dashes}${long}`, text }
  const letter = body.slice(0, 1)
  // Only a flag that takes a value can have it attached.
  if (!flags.has(letter)) return { name: long, shown: word, text: undefined }
  return { name: letter, shown: `-${letter}`, text: body.slice(1) }
}

function isFlag(flag: string): boolean {
  return allFlags().includes(flag)
}

function allFlags(): string[] {
  return [...flags.keys(), 'help', 'h', 'version', ...alwaysOn.flatMap(({ names }) => names), ...oneThatIsNot]
}

/** The value of a flag that stands in the next word. An on/off flag alone means on. */
function valueFrom(words: string[], key: Key, shown: string): string {
  const next = words[0]
  if (settingOf(key).kind === onOff) {
    return next !== undefined && isOnOrOff(next) ? (words.shift() as string) : 'on'
  }
  if (next === undefined || isFlag(splitFlag(next)?.name ?? '')) {
    throw new Refusal(`${shown} needs a value: ${settings[key].kind.expected}`)
  }
  return words.shift() as string
}

function unknownFlag(shown: string): Refusal {
  const near = nearest(shown.replace(/^-+/, ''), allFlags())
  const advice = near === undefined ? 'see --help' : `did you mean ${near.length === 1 ? '-' : '--'}${near}?`
  return new Refusal(`there is no flag ${shown}; ${advice}`, 2)
}
