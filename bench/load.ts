import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { mixedOrders, ordersPath } from './orders.ts'
import { buildDir, run, spawnPinned } from './process.ts'

export interface Load {
  readonly port: number
  readonly connections: number
  readonly seconds: number
}

export interface LoadResult {
  readonly requests: number
  readonly perSecond: number
}

const wrkProgram = 'wrk'
const hasWrk = spawnSync(wrkProgram, ['--version']).error === undefined

/** What orders are sent with, for the report. */
export const loadTool = hasWrk ? 'wrk' : 'autocannon'

/** Posts mixed limit orders over keep-alive connections, each the next one when the last was answered. */
export function postOrders(load: Load): Promise<LoadResult> {
  return hasWrk ? wrk(load) : run<LoadResult>('autocannon-worker', load, { role: 'load' })
}

async function wrk({ port, connections, seconds }: Load): Promise<LoadResult> {
  const script = `${buildDir}orders.lua`
  writeFileSync(script, luaScript())
  const url = `http://127.0.0.1:${port}`
  const args = ['-t1', '--timeout', '10s', `-c${connections}`, `-d${seconds}s`, '-s', script, url]
  const child = spawnPinned(wrkProgram, args, 'load', ['ignore', 'pipe', 'inherit'])
  let output = ''
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    output += text
  })
  await new Promise((resolve) => child.once('close', resolve))
  if (/Non-2xx|Socket errors/.test(output)) throw new Error(`wrk met errors:\n${output}`)
  const requests = Number(/(\d+) requests in/.exec(output)?.[1])
  const perSecond = Number(/Requests\/sec:\s*([\d.]+)/.exec(output)?.[1])
  if (!(requests > 0)) throw new Error(`wrk said:\n${output}`)
  return { requests, perSecond }
}

/** Every request is made as text before the load begins: the load generator must not be what is measured. */
function luaScript(): string {
  const bodies = mixedOrders().map((body) => `'${JSON.stringify(body)}',`)
  return `
local bodies = {
${bodies.join('\n')}
}
local requests = {}
local next = 0
function init(args)
  local headers = { ["Content-Type"] = "application/json" }
  for i, body in ipairs(bodies) do
    requests[i] = wrk.format("POST", "${ordersPath}", headers, body)
  end
end
function request()
  next = next % #requests + 1
  return requests[next]
end
`
}
