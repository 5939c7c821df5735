import { type ChildProcess, fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../old-clients/', import.meta.url))
const host = fileURLToPath(new URL('./old-client-host.mjs', import.meta.url))

/** Installs the old clients if need be. Answers why they cannot be had, or undefined when they are there. */
export function missingClients(): string | undefined {
  const wanted: Record<string, string> = JSON.parse(
    readFileSync(`${folder}package.json`, 'utf8'),
  ).dependencies
  const isThere = ([name, version]: [string, string]) => {
    const path = `${folder}node_modules/${name}/package.json`
    return existsSync(path) && JSON.parse(readFileSync(path, 'utf8')).version === version
  }
  if (Object.entries(wanted).every(isThere)) return undefined
  const flags = ['ci', '--ignore-scripts', '--no-audit', '--no-fund']
  const { status, stderr, error } = spawnSync('npm', flags, {
    cwd: folder,
    encoding: 'utf8',
    timeout: 90_000,
  })
  if (status === 0) return undefined
  const line = stderr?.split('\n').find((text) => /^npm (error|ERR)/.test(text))
  return `the old clients are not installed, and npm cannot get them: ${error?.message ?? line ?? `exit ${status}`}`
}

/** What an old client hands back is for the test to judge. */
// biome-ignore lint/suspicious/noExplicitAny: see above
type Anything = any

type Message =
  | { readonly id: number; readonly value?: Anything; readonly error?: Anything }
  | (Told & { readonly from: string })

interface Told {
  readonly event: string
  readonly args: Anything[]
}

/** An old client in a process of its own, whose fixed hosts lead to a port of this machine. */
export class OldClient {
  /** Every function that the client has, nested ones as `order.bid`. */
  readonly offered: readonly string[]
  readonly #child: ChildProcess
  readonly #called = new Set<string>()
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>()
  readonly #events = new Map<string, Told[]>()
  #calls = 0
  #heard = () => {}

  /** `settings` are the client's own: account, venue and stock where its constructor takes them. */
  static async start(name: string, port: number, ca: string, key: string, ...settings: string[]) {
    const child = fork(host, [name, String(port), key, ...settings], {
      execArgv: ['--no-deprecation'],
      env: { PATH: process.env.PATH, NODE_EXTRA_CA_CERTS: ca },
    })
    const [hello] = await Promise.race([once(child, 'message'), once(child, 'exit').then(() => [undefined])])
    if (hello === undefined) throw new Error(`${name} did not load`)
    return new OldClient(child, hello.offered)
  }

  private constructor(child: ChildProcess, offered: readonly string[]) {
    this.offered = offered
    this.#child = child
    child.on('message', (message) => this.#take(message as Message))
    child.on('exit', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('the old client died'))
    })
  }

  /** Calls a function of the client and resolves or rejects as it does; of a stream it hands back the name. */
  call(path: string, ...args: unknown[]): Promise<Anything> {
    const id = ++this.#calls
    this.#called.add(path)
    this.#child.send({ id, path, args })
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }))
  }

  /** The first argument of the next event of a stream or callback, which must be of this kind. */
  async next(from: string, event: string): Promise<Anything> {
    const next = await this.#next(from)
    if (next.event !== event) throw new Error(`${from}: ${event} expected, not ${JSON.stringify(next)}`)
    return next.args[0]
  }

  /** Closes a stream by the function that the client gave it for that, and waits for its end. */
  async close(stream: string): Promise<void> {
    this.#child.send({ close: stream })
    while ((await this.#next(stream)).event !== 'close');
  }

  uncalled(): string[] {
    return this.offered.filter((path) => !this.#called.has(path))
  }

  end(): void {
    this.#child.disconnect()
  }

  #take(message: Message): void {
    if ('from' in message) {
      this.#eventsOf(message.from).push(message)
      this.#heard()
      return
    }
    const call = this.#waiting.get(message.id)
    this.#waiting.delete(message.id)
    if ('error' in message) call?.reject(message.error)
    else call?.resolve(message.value)
  }

  async #next(from: string): Promise<Told> {
    const events = this.#eventsOf(from)
    for (;;) {
      const first = events.shift()
      if (first !== undefined) return first
      await new Promise<void>((resolve) => {
        this.#heard = resolve
      })
    }
  }

  #eventsOf(from: string): Told[] {
    const events = this.#events.get(from) ?? []
    this.#events.set(from, events)
    return events
  }
}
