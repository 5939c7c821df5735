import { setImmediate } from 'node:timers/promises'
import { Refusal } from './config/settings.ts'
import { type DataPaths, dataPaths } from './durable/data-paths.ts'
import { nodeFileSystem as files } from './log/file-system.ts'
import { readJournal } from './log/journal-reader.ts'
import { scanJournal } from './log/journal-scan.ts'
import { lockDirectory } from './log/lock.ts'
import { listSegments } from './log/segment.ts'
import { checkSnapshot, listSnapshots } from './log/snapshot.ts'
import { addVoid, readVoids } from './log/voids.ts'

const usage = `usage: stockyard journal COMMAND [--data DIR]

  cat [FROM [TO]]  print the commands, one JSON object a line, from one sequence number to another
  verify           check every frame and every snapshot; exit 1 when anything is damaged
  stat             say what is there: segments, commands, times, snapshots, voided commands
  void SEQ         have a command that cannot be replayed count as refused, from now on

--data DIR is the data directory, ./data when left out. cat, verify and stat may run beside a server.
`

/** Runs `stockyard journal …`: tools for people to look at a journal. Throws a `Refusal` for what cannot be done. */
export async function runJournalCommand(
  args: readonly string[],
  print: (text: string) => void,
): Promise<void> {
  const { words, directory } = parse(args)
  const [command, ...rest] = words
  if (command === undefined || command === 'help') {
    print(usage)
    return
  }
  const paths = dataPaths(directory)
  if (listSegments(files, paths.journal).length === 0) {
    throw new Refusal(`no journal in ${paths.root} (--data names another directory)`)
  }
  try {
    await run(command, rest, paths, print)
  } catch (error) {
    // What is wrong with a journal is told in a sentence, not by a stack.
    throw error instanceof Refusal ? error : new Refusal((error as Error).message)
  }
}

async function run(
  command: string,
  rest: readonly string[],
  paths: DataPaths,
  print: (text: string) => void,
): Promise<void> {
  switch (command) {
    case 'cat':
      await cat(
        paths,
        wholeNumber('FROM', rest[0], 1),
        wholeNumber('TO', rest[1], Number.MAX_SAFE_INTEGER),
        print,
      )
      return
    case 'verify':
      verify(paths, print)
      return
    case 'stat':
      stat(paths, print)
      return
    case 'void':
      await voidCommand(paths, wholeNumber('SEQ', rest[0]), print)
      return
    default:
      throw new Refusal(`unknown journal command ${JSON.stringify(command)}: cat, verify, stat or void`, 2)
  }
}

function parse(args: readonly string[]): { words: string[]; directory: string } {
  const words: string[] = []
  let directory = './data'
  for (let i = 0; i < args.length; i += 1) {
    const word = args[i] as string
    if (word === '--help' || word === '-h') words.unshift('help')
    else if (word.startsWith('--data=')) directory = word.slice('--data='.length)
    else if (word === '--data' && args[i + 1] !== undefined) {
      i += 1
      directory = args[i] as string
    } else if (word.startsWith('-'))
      throw new Refusal(`unknown flag ${word}: journal commands know --data DIR`, 2)
    else words.push(word)
  }
  return { words, directory }
}

function wholeNumber(name: string, text: string | undefined, otherwise?: number): number {
  if (text === undefined && otherwise !== undefined) return otherwise
  if (text === undefined || !/^[1-9]\d{0,14}$/.test(text)) {
    throw new Refusal(`${name}: ${JSON.stringify(text ?? '')} is not a sequence number (1, 2, 3 …)`)
  }
  return Number(text)
}

async function cat(paths: DataPaths, from: number, to: number, print: (text: string) => void): Promise<void> {
  for (const batch of readJournal(files, paths.journal, from, to)) {
    for (const { sequence, time, command } of batch) {
      if (sequence < from || sequence > to) continue
      const line = { sequence, time: new Date(time / 1000).toISOString(), ...command }
      print(`${JSON.stringify(line, amountsAsText)}\n`)
    }
    // Now and then it is heard that the reader has seen enough.
    await setImmediate()
  }
}

/** Amounts of money are text, as they are in the journal. */
function amountsAsText(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}` : value
}

function verify(paths: DataPaths, print: (text: string) => void): void {
  const { first, end, torn } = scanJournal(files, paths.journal)
  readVoids(files, paths.journal)
  print(`journal: commands ${first} to ${end.next - 1} are sound\n`)
  for (const { path, offset, bytes } of torn) {
    print(
      `${path}: ${bytes} bytes at ${offset} are half-written: a server is writing them, or the next start cuts them\n`,
    )
  }
  const damaged: string[] = []
  for (const snapshot of listSnapshots(files, paths.snapshots)) {
    try {
      checkSnapshot(files, snapshot)
      print(`${snapshot.path}: sound\n`)
    } catch (error) {
      damaged.push((error as Error).message)
    }
  }
  if (damaged.length > 0) throw new Refusal(`${damaged.join('; ')}. A start does without: it can be deleted`)
}

function stat(paths: DataPaths, print: (text: string) => void): void {
  const segments = listSegments(files, paths.journal)
  const { first, end, time } = scanJournal(files, paths.journal, segments.at(-1)?.first)
  const bytes = segments.reduce((sum, { path }) => sum + files.size(path), 0)
  const voided = [...readVoids(files, paths.journal)]
  const lines = [
    `directory   ${paths.root}`,
    `commands    ${first} to ${end.next - 1}`,
    `historyFrom ${first}`,
    `last        ${time === 0 ? 'none' : new Date(time / 1000).toISOString()}`,
    `segments    ${segments.length}, ${(bytes / 2 ** 20).toFixed(1)} MiB`,
    `snapshots   ${
      listSnapshots(files, paths.snapshots)
        .map(({ sequence }) => sequence)
        .join(', ') || 'none'
    }`,
    `voided      ${voided.join(', ') || 'none'}`,
  ]
  print(`${lines.join('\n')}\n`)
}

async function voidCommand(paths: DataPaths, sequence: number, print: (text: string) => void): Promise<void> {
  const release = await lockDirectory(paths.root)
  try {
    const { first, end } = scanJournal(files, paths.journal)
    if (sequence < first || sequence >= end.next) {
      throw new Refusal(`command ${sequence} is not in the journal: it holds ${first} to ${end.next - 1}`)
    }
    addVoid(files, paths.journal, sequence)
    // A snapshot behind it was made with the command in force.
    for (const snapshot of listSnapshots(files, paths.snapshots)) {
      if (snapshot.sequence >= sequence) files.remove(snapshot.path)
    }
    print(`command ${sequence} counts as refused from the next start on\n`)
  } finally {
    await release()
  }
}
