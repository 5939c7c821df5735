import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

/** Where compiled benches and the product run from; `compile.ts` fills it. Each run has its own. */
export const buildDir = new URL(`../node_modules/.cache/stockyard-bench-${process.pid}/`, import.meta.url)
  .pathname

/** The working copy. */
export const root = new URL('..', import.meta.url).pathname

const canPin = availableParallelism() > 1 && spawnSync('taskset', ['--version']).status === 0
/**
 * Servers and everything that is measured run on one core, what puts load on them on another. What runs alone, as a
 * start does, has both: its garbage is collected beside it, and its history is written beside it.
 */
const cores = { measured: '0', load: '1', alone: '0,1' } as const

export type Role = keyof typeof cores

/** How processes were placed, for the report. */
export const placement = canPin
  ? `measured on core ${cores.measured}, load from core ${cores.load}`
  : 'not pinned to cores'

export interface ChildOptions {
  readonly role?: Role
  readonly nodeArgs?: readonly string[]
}

/** Starts a compiled bench module as a process of its own, with `input` as JSON in its arguments. */
export function start(module: string, input: unknown, options: ChildOptions = {}): ChildProcess {
  const { role = 'measured', nodeArgs = [] } = options
  const args = [...nodeArgs, `${buildDir}bench/${module}.js`, JSON.stringify(input)]
  return spawnPinned(process.execPath, args, role, ['ignore', 'inherit', 'inherit', 'ipc'])
}

/** Starts a program on the core of its role. */
export function spawnPinned(
  program: string,
  args: readonly string[],
  role: Role,
  stdio: ('ignore' | 'inherit' | 'pipe' | 'ipc')[],
): ChildProcess {
  const [command, all] = canPin ? ['taskset', ['-c', cores[role], program, ...args]] : [program, [...args]]
  return spawn(command, all, { stdio })
}

/** The next message of a child; rejects when it ends first. */
export function message<T>(child: ChildProcess): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const onMessage = (value: unknown): void => {
      child.off('exit', onExit)
      resolve(value as T)
    }
    const onExit = (code: number | null): void => {
      child.off('message', onMessage)
      reject(new Error(`a bench process ended with ${code}`))
    }
    child.once('message', onMessage)
    child.once('exit', onExit)
  })
}

/** Asks a child that answers one message with one. */
export function ask<T>(child: ChildProcess, request: unknown): Promise<T> {
  const answer = message<T>(child)
  child.send(request as object)
  return answer
}

/** Runs a module to its one message, and waits for its end. */
export async function run<T>(module: string, input: unknown, options: ChildOptions = {}): Promise<T> {
  const child = start(module, input, options)
  const result = await message<T>(child)
  await stop(child)
  return result
}

/** Lets a child go, and waits until it is gone. */
export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  if (child.connected) child.disconnect()
  const hurry = setTimeout(() => child.kill(), 3000)
  await gone
  clearTimeout(hurry)
}

/** What this process was started with. */
export function input<T>(): T {
  return JSON.parse(process.argv[2] ?? 'null') as T
}

/** Answers the parent. */
export function answer(value: unknown): void {
  process.send?.(value)
}
