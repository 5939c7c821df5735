import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { banner } from './banner.ts'
import { type Credentials, keyWarning } from './credentials.ts'
import { type Level, Log, levels, logFile } from './log.ts'
import { Screen } from './screen.ts'
import { Session } from './session.ts'
import { Terminal } from './terminal.ts'

/** What cannot be used, for a person. */
export class TerminalRefusal extends Error {
  readonly exitCode: 1 | 2

  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message)
    this.exitCode = exitCode
  }
}

const folder = join(homedir(), '.config', 'stockyard')
const profilesFile = join(folder, 'terminal.json')
const usualUrl = 'ws://127.0.0.1:8008/ws/v1'

const terminalHelp = `Usage: stockyard terminal [flags]

A terminal for the OceanEx websocket API: a menu, and commands beside it. Without -c it reads lines, from a person or from a program.

  -l, --logLevel LEVEL   INFO (default), DEBUG, WARN or ERROR: what is written to the log
  --log FILE             where (ws_client.log)
  --url URL              the server (${usualUrl})
  --uid ID, --api-key ID the account and the name of its key
  --key FILE             the private key in PEM form (key.pem); it is read at each login
  --profile NAME         url, uid, apiKey and key from ${profilesFile}:
                         {"NAME": {"url": "…", "uid": "…", "apiKey": "…", "key": "FILE"}}
  -c COMMAND             does this and ends; repeatable. The exit code is 0 if all was done, else 1
  --json                 prints what the server answers as JSON
  --timeout SECONDS      how long an answer may take (10)
  -h, --help             prints this

Colors are left out where NO_COLOR is set or no person looks.
`

const flags = {
  help: { type: 'boolean', short: 'h' },
  logLevel: { type: 'string', short: 'l' },
  log: { type: 'string' },
  url: { type: 'string' },
  uid: { type: 'string' },
  'api-key': { type: 'string' },
  key: { type: 'string' },
  profile: { type: 'string' },
  command: { type: 'string', short: 'c', multiple: true },
  json: { type: 'boolean' },
  timeout: { type: 'string' },
} as const

/** Runs the terminal; resolves with the exit code. Throws a `TerminalRefusal` for flags that cannot be used. */
export async function runTerminal(words: readonly string[]): Promise<number> {
  const given = readFlags(words)
  if (given.help === true) {
    process.stdout.write(terminalHelp)
    return 0
  }
  const log = new Log(levelOf(given.logLevel), logFile(given.log ?? 'ws_client.log'))
  const profile = readProfile(given.profile)
  const url = given.url ?? profile.url ?? usualUrl
  const credentials: Credentials = {
    uid: given.uid ?? profile.uid ?? 'ID0000TEST',
    apiKey: given['api-key'] ?? profile.apiKey ?? 'KID0000TEST',
    keyFile: given.key ?? profile.key ?? 'key.pem',
  }
  const { command: commands = [], json = false } = given
  const isInteractive = commands.length === 0 && process.stdin.isTTY === true && process.stdout.isTTY === true
  const screen: Screen = new Screen({
    ...{ input: process.stdin, output: process.stdout, isInteractive },
    historyFile: isInteractive ? join(folder, 'terminal_history') : undefined,
    complete: (line): readonly string[] => terminal.complete(line),
  })
  const tell = (text: string) => {
    log.info(text)
    if (!json) screen.print(text)
  }
  const session = new Session({ url, credentials, log, tell, timeoutMs: secondsOf(given.timeout) * 1000 })
  const style = { color: isInteractive && !process.env.NO_COLOR }
  const terminal: Terminal = new Terminal({ url, session, screen, log, style, json })
  const leave = () => screen.close()
  screen.interrupted = leave
  process.once('SIGINT', leave)
  process.once('SIGTERM', leave)

  if (isInteractive) screen.print(banner(url))
  const warning = keyWarning(credentials.keyFile)
  if (warning !== undefined) tell(warning)
  try {
    await session.connect()
  } catch (error) {
    log.error((error as Error).message)
    process.stderr.write(`${(error as Error).message}\n`)
    if (!isInteractive) {
      screen.close()
      return 1
    }
  }
  const allDone = commands.length === 0 ? await terminal.run() : await runAll(terminal, commands)
  screen.close()
  await session.disconnect()
  return allDone || isInteractive ? 0 : 1
}

async function runAll(terminal: Terminal, commands: readonly string[]): Promise<boolean> {
  let allDone = true
  for (const command of commands) {
    const outcome = await terminal.execute(command)
    if (outcome === 'left') break
    allDone &&= outcome === 'done'
  }
  return allDone
}

function readFlags(words: readonly string[]) {
  try {
    return parseArgs({ args: [...words], options: flags, allowPositionals: false }).values
  } catch (error) {
    throw new TerminalRefusal(`${(error as Error).message}; see stockyard terminal --help`, 2)
  }
}

function levelOf(text = 'INFO'): Level {
  const level = levels.find((one) => one === text.toUpperCase())
  if (level === undefined) throw new TerminalRefusal(`--logLevel: ${text} is none of ${levels.join(', ')}`)
  return level
}

function secondsOf(text = '10'): number {
  const seconds = Number(text)
  if (!(seconds > 0 && seconds <= 3600))
    throw new TerminalRefusal(`--timeout: ${text} is no number of seconds`)
  return seconds
}

interface Profile {
  readonly url?: string
  readonly uid?: string
  readonly apiKey?: string
  readonly key?: string
}

function readProfile(name: string | undefined): Profile {
  if (name === undefined) return {}
  let profiles: Record<string, Profile>
  try {
    profiles = JSON.parse(readFileSync(profilesFile, 'utf8'))
  } catch (error) {
    throw new TerminalRefusal(`--profile: ${profilesFile} cannot be used: ${(error as Error).message}`)
  }
  const profile = profiles[name]
  if (profile === undefined) throw new TerminalRefusal(`--profile: there is no ${name} in ${profilesFile}`)
  return profile
}
