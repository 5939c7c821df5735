// Writes openapi/openapi.json from the schemas of the routes. With --check it only says whether that file is stale.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { buildApp } from '../src/app.ts'
import type { Micros } from '../src/domain/units.ts'
import { createExchange } from '../src/exchange.ts'
import { MemoryLog } from '../src/log/memory-log.ts'
import { Shard } from '../src/shard.ts'

const file = new URL('../openapi/openapi.json', import.meta.url)

const app = await buildApp({
  exchange: createExchange(new Shard({ log: new MemoryLog(), clock: () => 0 as Micros })),
  settings: {
    host: '127.0.0.1',
    autoCreate: true,
    badOrderStatus: 400,
    revealOwnerOnCancel: false,
    closedVenues: new Set(),
    openExecutions: false,
    rateLimit: 0,
    cors: [],
    allowHost: [],
    logLevel: 'silent',
    tls: undefined,
  },
})
await app.ready()
const text = `${JSON.stringify(app.swagger(), null, 2)}\n`
await app.close()

if (!process.argv.includes('--check')) {
  mkdirSync(new URL('.', file), { recursive: true })
  writeFileSync(file, text)
} else if (text !== read()) {
  console.error('openapi/openapi.json is stale: run `npm run openapi` and commit it')
  process.exitCode = 1
}

function read(): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
