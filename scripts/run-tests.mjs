// Runs the tests, as many files at once as there are processors (or STOCKYARD_TEST_JOBS), and shows what
// `tap-reporter.mjs` says of them: node scripts/run-tests.mjs [FILE…], after the compiler has been at work (see
// `test-loader.mjs`).
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import Reporter from './tap-reporter.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
/** With room for what is young a test that makes a lot collects a quarter less garbage. */
const nodeFlags = [
  '--max-semi-space-size=32',
  '--enable-source-maps',
  `--import=${new URL('test-loader.mjs', import.meta.url).href}`,
]

/** What takes longest comes first: so in the end nothing is left to be waited for. A name more or less is no matter. */
const longest = [
  'acceptance/demo',
  'gateways/cxgame/process',
  'web/page',
  'engine/engine-model',
  'durability/server',
  'durability/kill',
  'operation/server',
  'gateways/cxgame/wire',
  'clients/old-clients',
  'examples/bots',
  'gateways/feed/session',
  'routes/streams',
  'projections/market',
  'game/players',
  'durability/rows',
].map((name) => `test/${name}.test.ts`)
/** Seconds in which a file has to end that sets itself no bound, and in which every file has to. */
const usualSeconds = 300
const mostSeconds = 900

const jobs = Number(process.env.STOCKYARD_TEST_JOBS ?? availableParallelism())
const reporter = new Reporter()
reporter.pipe(process.stdout)
const sums = { pass: 0, fail: 0, skip: 0, todo: 0 }
let ended = 0

const files = process.argv.length > 2 ? process.argv.slice(2) : allFiles()
await Promise.all(Array.from({ length: jobs }, work))
reporter.end(
  `# { total: 0, ${Object.entries(sums)
    .map((pair) => pair.join(': '))
    .join(', ')} }\n`,
)
if (sums.fail > 0) process.exitCode = 1

function allFiles() {
  const found = readdirSync(`${root}test`, { recursive: true })
    .map((name) => `test/${name.replaceAll('\\', '/')}`)
    .filter((name) => name.endsWith('.test.ts') && !name.startsWith('test/old-clients/'))
    .sort()
  const first = longest.filter((name) => found.includes(name))
  return [...first, ...found.filter((name) => !first.includes(name))]
}

async function work() {
  for (let file = files.shift(); file !== undefined; file = files.shift()) await run(file)
}

/** Runs a file, and hands on what it said when it has ended. */
async function run(file) {
  const start = performance.now()
  const child = spawn(process.execPath, [...nodeFlags, file], {
    cwd: root,
    env: { ...process.env, TAP: '1', TAP_TIMEOUT: `${usualSeconds}` },
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: mostSeconds * 1000,
    killSignal: 'SIGKILL',
  })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    text += chunk
  })
  const [code, signal] = await once(child, 'close')
  const { fail = 0, ...counts } = countsOf(text)
  // A process that ends badly without a failed test is a failure itself.
  const failed = code === 0 ? fail : Math.max(1, fail)
  for (const [name, count] of Object.entries({ ...counts, fail: failed })) sums[name] += count
  ended += 1
  const seconds = `# time=${Math.round(performance.now() - start)}ms`
  reporter.write(text.replace(/^(?=.)/gm, '    '))
  if (text.length > 0 && !text.endsWith('\n')) reporter.write('\n')
  reporter.write(
    failed === 0
      ? `ok ${ended} - ${file} ${seconds}\n`
      : `not ok ${ended} - ${file} ${seconds}\n  ---\n  ended with: ${signal ?? code}\n  ...\n`,
  )
}

/** What tap says of a file at its end; nothing where it did not come to one. */
function countsOf(text) {
  const totals = /^# \{ total: (.*) \}$/m.exec(text)
  if (totals === null) return { fail: 1 }
  const { total: _, ...counts } = Object.fromEntries(
    [...`total: ${totals[1]}`.matchAll(/(\w+): (\d+)/g)].map(([, name, n]) => [name, Number(n)]),
  )
  return counts
}
