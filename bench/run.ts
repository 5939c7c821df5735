import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import type { Bench } from './bench.ts'
import { compile } from './compile.ts'
import { demo } from './demo.ts'
import { engine } from './engine.ts'
import { feed } from './feed.ts'
import { game } from './game.ts'
import { durable, http } from './http.ts'
import { latency } from './latency.ts'
import { levels } from './levels.ts'
import { memory } from './memory.ts'
import { page } from './page.ts'
import { placement } from './process.ts'
import { profile } from './profile.ts'
import { replay } from './replay.ts'
import { type Measure, median, number, table, verdict } from './report.ts'
import { tape } from './tape.ts'

const benches: readonly Bench[] = [
  engine,
  memory,
  http,
  durable,
  latency,
  replay,
  tape,
  feed,
  game,
  levels,
  page,
  demo,
]
const names = [...benches.map(({ name }) => name), 'profile']

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false }, rounds: { type: 'string' } },
})
const unknown = positionals.filter((name) => !names.includes(name))
if (unknown.length > 0) {
  console.error(`no such bench: ${unknown.join(', ')} (there are ${names.join(', ')})`)
  process.exit(2)
}
const { quick } = values
const rounds = values.rounds === undefined ? (quick ? 1 : 5) : Number(values.rounds)

const started = new Date()
console.log(
  `node ${process.version}, ${cpus()[0]?.model.trim()} × ${cpus().length}, ${placement}, ${rounds} rounds\n`,
)
progress('compiling')
compile()
const results: Record<string, Measure[]> = {}
for (const bench of benches) {
  if (positionals.length > 0 && !positionals.includes(bench.name)) continue
  const measures = await bench.run({ rounds, quick, progress: (text) => progress(`${bench.name}: ${text}`) })
  results[bench.name] = measures
  progress('')
  console.log(`${table(bench.name, measures)}\n`)
}
if (Object.keys(results).length > 0) save()
if (positionals.includes('profile')) {
  for (const connections of [32, 256]) {
    progress(`profile: ${connections} connections`)
    for (const who of ['stockyard', 'stockyard-durable'] as const) {
      const text = await profile(who, connections, quick ? 3 : 15)
      progress('')
      console.log(`${text}\n`)
    }
  }
}

/** One line that is written over by the next, on a terminal; else nothing. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`)
  else if (text !== '') console.error(`  ${((Date.now() - started.getTime()) / 1000).toFixed(0)} s ${text}`)
}

/** A line of JSON for the machine, then one for each measure. */
function save(): void {
  const folder = new URL('results/', import.meta.url).pathname
  mkdirSync(folder, { recursive: true })
  const file = `${folder}${started.toISOString().slice(0, 19).replaceAll(':', '')}.jsonl`
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
  const machine = { node: process.version, cpu: cpus()[0]?.model.trim(), cpus: cpus().length, placement }
  const measures = Object.entries(results).flatMap(([bench, list]) =>
    list.map((measure) => ({
      bench,
      ...measure,
      median: median(measure.rounds),
      verdict: verdict(measure),
    })),
  )
  const lines = [{ started, commit, quick, rounds, ...machine }, ...measures]
  writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  for (const { what, median: measured, verdict: reached } of measures) {
    if (reached === 'MISSED') console.log(`missed: ${what} (${number(measured)})`)
  }
  console.log(`saved in ${file}`)
}
