// Starts the built server with the given Node and sees that it works, and that a simulation comes to the same as
// everywhere: node scripts/start-check.mjs [NODE_BINARY]
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const startMs = 20_000
const stopMs = 5_000
const simulationMs = 60_000
const node = process.argv[2] ?? process.execPath
const cli = fileURLToPath(new URL('../dist/src/cli.js', import.meta.url))
const dir = mkdtempSync(join(tmpdir(), 'stockyard-start-')) // ./data is made here

const server = spawn(node, [cli, '--port', '0'], { cwd: dir, stdio: ['ignore', 'pipe', 'inherit'] })
const exited = once(server, 'exit')
try {
  await check()
  await checkSimulation()
  console.log(`ok: the server starts, trades and stops, and a simulation is the same on ${node}`)
} catch (error) {
  console.error(`not ok: on ${node}: ${error.message}`)
  process.exitCode = 1
} finally {
  server.kill('SIGKILL')
  rmSync(dir, { recursive: true, force: true })
}

async function check() {
  const url = await within(startMs, 'the line `listening on`', listening())

  const heartbeat = await ask(`${url}/ob/api/heartbeat`)
  if (heartbeat.ok !== true) throw new Error(`heartbeat: ${JSON.stringify(heartbeat)}`)

  const order = await ask(`${url}/ob/api/venues/TESTEX/stocks/FOOBAR/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ account: 'CHECK', price: 5000, qty: 10, direction: 'buy', orderType: 'limit' }),
  })
  if (order.ok !== true || order.open !== true) throw new Error(`order: ${JSON.stringify(order)}`)

  const demo = await ask(`${url}/ob/api/venues/DEMOEX/stocks/ACME/quote`)
  if (demo.ok !== true) throw new Error(`the demo: ${JSON.stringify(demo)}`)

  server.kill('SIGTERM')
  const [code, signal] = await within(stopMs, 'the end after SIGTERM', exited)
  if (code !== 0) throw new Error(`after SIGTERM it ended with ${signal ?? code}`)
}

async function checkSimulation() {
  const wanted = readFileSync(new URL('../test/fixtures/simulation.sha256', import.meta.url), 'utf8').trim()
  const words = ['simulate', '--hours', '0.1', '--seed', '7', '--out', join(dir, 'simulation')]
  const { stdout } = await promisify(execFile)(node, [cli, ...words], { timeout: simulationMs })
  const [, found] = /SHA-256 ([0-9a-f]{64})/.exec(stdout) ?? []
  if (found !== wanted) throw new Error(`the journal of a simulation has SHA-256 ${found}, not ${wanted}`)
}

async function listening() {
  const lines = createInterface({ input: server.stdout })
  const ended = exited.then(([code, signal]) => {
    throw new Error(`it ended at the start with ${signal ?? code}`)
  })
  const [line] = await Promise.race([once(lines, 'line'), ended])
  const [, url] = /^listening on (http:\/\/\S+)/.exec(line) ?? []
  if (url === undefined) throw new Error(`the first line is not \`listening on\`: ${line}`)
  return url
}

async function ask(url, options) {
  const response = await fetch(url, { ...options, signal: AbortSignal.timeout(stopMs) })
  return await response.json()
}

async function within(ms, what, promise) {
  let timer
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not come within ${ms} ms`)), ms)
  })
  return await Promise.race([promise, late]).finally(() => clearTimeout(timer))
}
