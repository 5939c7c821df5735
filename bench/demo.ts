import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { alternate, type Bench } from './bench.ts'
import { buildDir, spawnPinned } from './process.ts'

/** The kernel counts processor time in hundredths of a second. */
const ticksPerSecond = 100
/** The first seconds, in which code is still being compiled, do not count. */
const warmUpMs = 5000

/** What a server costs that nobody talks to, with its house traders and without. */
export const demo: Bench = {
  name: 'demo',
  async run({ rounds, quick, progress }) {
    const seconds = quick ? 5 : 30
    progress('idle servers')
    const [on, off] = await alternate(rounds, [
      () => percentOfCore('on', seconds),
      () => percentOfCore('off', seconds),
    ])
    const unit = '% of a core'
    return [
      { what: 'an idle server with its house traders', unit, rounds: on, must: 2, atMost: true },
      { what: 'the same without them', unit, rounds: off },
    ]
  },
}

async function percentOfCore(traders: 'on' | 'off', seconds: number): Promise<number> {
  const flags = ['--port', '0', '--memory', '--log-level', 'silent', '--demo', traders]
  const server = spawnPinned(process.execPath, [`${buildDir}src/cli.js`, ...flags], 'measured', [
    'ignore',
    'pipe',
    'inherit',
  ])
  const ended = once(server, 'exit')
  if (server.stdout === null) throw new Error('the server has no output')
  await Promise.race([once(server.stdout, 'data'), ended])
  await setTimeout(warmUpMs)
  const before = processorSeconds(server.pid)
  await setTimeout(seconds * 1000)
  const used = processorSeconds(server.pid) - before
  server.kill()
  await ended
  return (100 * used) / seconds
}

/** What a process has used so far, by the kernel; Linux only. */
function processorSeconds(pid: number | undefined): number {
  const [user, system] = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
    .slice(11, 13)
  return (Number(user) + Number(system)) / ticksPerSecond
}
