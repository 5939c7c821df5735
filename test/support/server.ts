import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** A certificate for localhost, loopback addresses and *.stockfighter.io, that is its own authority, and its key. */
export const tlsFixture = {
  cert: `${root}test/fixtures/tls/cert.pem`,
  key: `${root}test/fixtures/tls/key.pem`,
}

export interface TestServer {
  /** E.g. `http://127.0.0.1:40123`. */
  readonly url: string
  readonly port: number
  readonly process: ChildProcess
  /** Everything that it wrote so far, the start lines included. */
  stdout(): string
  stderr(): string
  /** Waits until a line that fits is on stderr, and gives it. */
  logged(pattern: RegExp): Promise<string>
  /** Sends a signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<{ code: number | null; signal: NodeJS.Signals | null }>
}

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/**
 * Starts a server as a process of its own, on a free port unless the flags name one, and waits until it listens. It
 * is killed when the test ends. The environment is empty but for PATH and what is given.
 */
export async function startServer(
  t: Test,
  flags: readonly string[] = [],
  environment: Record<string, string> = {},
  /** What runs the command line, as its last arguments. */
  through: readonly string[] = [],
): Promise<TestServer> {
  const { child, output } = run(withPort(flags), environment, through)
  const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>
  t.teardown(() => {
    child.kill('SIGKILL')
    return ended
  })
  const first = await Promise.race([line(child.stdout, output.stdout, /^listening on /), ended])
  if (typeof first !== 'string') throw new Error(`the server did not start: ${output.stderr.join('')}`)
  const url = first.replace('listening on ', '')
  return {
    url,
    port: Number(new URL(url).port),
    process: child,
    stdout: () => output.stdout.join(''),
    stderr: () => output.stderr.join(''),
    logged: (pattern) => line(child.stderr, output.stderr, pattern),
    async stop(signal = 'SIGTERM') {
      child.kill(signal)
      const [code, by] = await ended
      return { code, signal: by }
    },
  }
}

/** Adds a free port where none is named. A subcommand stays the first word; after one, `-p` is its own. */
function withPort(flags: readonly string[]): readonly string[] {
  if (flags[0] === 'cxgame') return ['cxgame', '--port', '0', ...flags.slice(1)]
  return flags.some((flag) => /^(-p|--port)/.test(flag)) ? flags : ['--port', '0', ...flags]
}

/** Runs the command line to its end: for starts that are refused. */
export async function runCommand(
  flags: readonly string[],
  environment: Record<string, string> = {},
): Promise<Ended> {
  const { child, output } = run(flags, environment)
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, stdout: output.stdout.join(''), stderr: output.stderr.join('') }
}

function run(flags: readonly string[], environment: Record<string, string>, through: readonly string[] = []) {
  const { PATH = '' } = process.env
  const memory = onDisk(flags) ? [] : ['--memory']
  const command = [...through, process.execPath, ...commandLine(flags), ...flags, ...memory]
  const child = spawn(command[0] ?? '', command.slice(1), {
    cwd: root,
    env: { PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = { stdout: [] as string[], stderr: [] as string[] }
  child.stdout.setEncoding('utf8').on('data', (text: string) => output.stdout.push(text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => output.stderr.push(text))
  return { child, output }
}

/** The first line that fits, of what was read before and of what comes. */
async function line(
  stream: NodeJS.ReadableStream,
  before: readonly string[],
  pattern: RegExp,
): Promise<string> {
  for (;;) {
    const found = before
      .join('')
      .split('\n')
      .find((text) => pattern.test(text))
    if (found !== undefined) return found
    await once(stream, 'data')
  }
}

/** The certificate and its key as text. */
export function tlsTexts(): { cert: string; key: string } {
  return { cert: readFileSync(tlsFixture.cert, 'utf8'), key: readFileSync(tlsFixture.key, 'utf8') }
}

/**
 * The built program when it is newer than every source, as after `npm test` began; it starts in half the time. With a
 * data directory it has to be: a thread cannot be loaded from TypeScript. Without one nothing is kept.
 */
function commandLine(flags: readonly string[]): string[] {
  if (onDisk(flags)) return [`${root}dist/src/cli.js`]
  const built = statSync(`${root}dist/.stamp`, { throwIfNoEntry: false })?.mtimeMs ?? 0
  return newest(['src', 'routes', 'schemas', 'gateways', 'traders', 'game', 'sim']) < built
    ? [`${root}dist/src/cli.js`]
    : ['--import=tsx', `${root}src/cli.ts`]
}

function onDisk(flags: readonly string[]): boolean {
  return flags.includes('--data') || flags[0] === 'journal'
}

function newest(folders: readonly string[]): number {
  const files = folders
    .filter((folder) => existsSync(root + folder))
    .flatMap((folder) =>
      readdirSync(root + folder, { recursive: true }).map((file) => `${root}${folder}/${file}`),
    )
  return Math.max(...files.map((file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0))
}
