import { type CxgameGiven, type CxgameKey, cxgameKeys, cxgameOption } from './cxgame-options.ts'
import { nearest } from './nearest.ts'
import { Refusal } from './settings.ts'

/** What stands after `stockyard cxgame`, not looked at yet. */
export interface CxgameFlags {
  readonly given: ReadonlyMap<CxgameKey, CxgameGiven>
  /** What is not the game's: Stockyard's own flags, by their long names. */
  readonly rest: readonly string[]
}

const byFlag: ReadonlyMap<string, CxgameKey> = new Map(
  cxgameKeys.flatMap((key) => {
    const { flag } = cxgameOption(key)
    return flag === undefined ? [] : [[`-${flag.letter}`, key] as const, [`--${flag.long}`, key] as const]
  }),
)

/**
 * Reads a command line in which single letters, and long flags where both have one, are the old game server's. Throws
 * a `Refusal` for a letter that is not, or a flag without its value.
 */
export function readCxgameFlags(words: readonly string[]): CxgameFlags {
  const given = new Map<CxgameKey, CxgameGiven>()
  const rest: string[] = []
  const left = [...words]
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    const [flag = word, attached] = split(word)
    const key = byFlag.get(flag)
    if (key !== undefined) {
      const text = attached ?? left.shift()
      if (text === undefined) throw new Refusal(`${flag} needs a value: ${cxgameOption(key).kind.expected}`)
      given.set(key, { text, source: flag })
    } else if (/^-[^-]/.test(word) && flag !== '-h') {
      throw unknown(flag)
    } else {
      rest.push(word)
    }
  }
  return { given, rest }
}

/** `--flag=text` and `-ftext`. */
function split(word: string): [string, string | undefined] {
  const [, long, text] = /^(--[^=]+)=(.*)$/s.exec(word) ?? []
  if (long !== undefined) return [long, text]
  const letter = word.slice(0, 2)
  return byFlag.has(letter) && word.length > 2 && word[1] !== '-'
    ? [letter, word.slice(2)]
    : [word, undefined]
}

function unknown(flag: string): Refusal {
  const near = nearest(
    flag.replace(/^-+/, ''),
    [...byFlag.keys()].map((known) => known.replace(/^-+/, '')),
  )
  const advice = near === undefined ? 'see stockyard cxgame --help' : `did you mean --${near}?`
  return new Refusal(`there is no flag ${flag} after cxgame; ${advice}`, 2)
}
