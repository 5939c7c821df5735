import { existsSync, writeFileSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { nearest } from './config/nearest.ts'
import { Refusal } from './config/settings.ts'
import { dataPaths } from './durable/data-paths.ts'
import { nodeFileSystem as files } from './log/file-system.ts'
import { listSegments } from './log/segment.ts'
import { createProgress } from './progress.ts'
import { mostSections, renderReport } from './report/page.ts'
import { type Replayed, replayForReport } from './report/replay.ts'
import { readVersion } from './version.ts'

const usage = `usage: stockyard report [DIR] [flags]

Writes one HTML file about the market in a data directory, of a server or of a simulation: price, volume, spread, depth,
how alike it is to real markets, and who earned what. It replays the journal and changes nothing in the directory; a
server may be running on it.

  DIR           the data directory (./data)
  --venue V     only the books of this venue
  --symbol S    only books of this symbol; without both flags the ${mostSections} busiest books of all
  --out FILE    where to write it; - is the standard output (./report.html)
`

const flags = ['--venue', '--symbol', '--out'] as const

interface Wishes {
  readonly directory: string
  readonly venue: string | undefined
  readonly symbol: string | undefined
  readonly out: string
}

/** Runs `stockyard report …`. `print` gets the result, `tell` what is said meanwhile. Throws a `Refusal`. */
export function runReportCommand(
  args: readonly string[],
  print: (text: string) => void,
  tell: (text: string) => void,
): void {
  if (args.some((word) => word === '--help' || word === '-h')) {
    print(usage)
    return
  }
  const wishes = parse(args)
  if (wishes.out !== '-' && !existsSync(dirname(wishes.out)))
    throw new Refusal(`--out: there is no directory ${resolve(dirname(wishes.out))}`)
  const { root, journal, snapshots } = dataPaths(wishes.directory)
  if (listSegments(files, journal).length === 0) throw new Refusal(`no journal in ${root}`)
  const say = createProgress(tell)
  const progress = (done: number, all: number) => say(() => `replaying: ${done} of ${all} commands`)
  const replayed = orRefuse(() => replayForReport({ files, journal, snapshots, wanted: wishes, progress }))
  checkFound(wishes, root, replayed)
  const html = renderReport({ ...replayed, name: basename(root), version: readVersion() })
  if (wishes.out === '-') {
    print(html)
    return
  }
  orRefuse(() => writeFileSync(wishes.out, html))
  print(`${resolve(wishes.out)}\n`)
}

function parse(args: readonly string[]): Wishes {
  const given = new Map<string, string>()
  const directories: string[] = []
  for (let i = 0; i < args.length; i += 1) {
    const word = args[i] as string
    if (!word.startsWith('-')) {
      directories.push(word)
      continue
    }
    const [, flag = word, text] = /^(--[a-z]+)=(.*)$/s.exec(word) ?? []
    if (!flags.some((known) => known === flag)) {
      const meant = nearest(flag, flags)
      throw new Refusal(`report knows no ${flag}${meant === undefined ? '' : `: is it ${meant}`}?`, 2)
    }
    const value = text ?? args[i + 1]
    if (value === undefined || value === '') throw new Refusal(`${flag} needs a value`, 2)
    if (text === undefined) i += 1
    given.set(flag, value)
  }
  if (directories.length > 1) throw new Refusal(`report takes one directory, not ${directories.length}`, 2)
  return {
    directory: directories[0] ?? './data',
    venue: given.get('--venue'),
    symbol: given.get('--symbol'),
    out: given.get('--out') ?? 'report.html',
  }
}

/** What is wrong with a journal or a file is told in a sentence, not by a stack. */
function orRefuse<T>(attempt: () => T): T {
  try {
    return attempt()
  } catch (error) {
    throw new Refusal((error as Error).message)
  }
}

function checkFound({ venue, symbol }: Wishes, root: string, { books, seen }: Replayed): void {
  if (books.length > 0) return
  if (seen.length === 0)
    throw new Refusal(`nobody has traded in ${root} yet: there is no order in its journal`)
  const wanted = [venue !== undefined && `venue ${venue}`, symbol !== undefined && `symbol ${symbol}`]
  throw new Refusal(
    `no orders for ${wanted.filter((one) => one !== false).join(' and ')} in ${root}: it has ${seen.join(', ')}`,
  )
}
