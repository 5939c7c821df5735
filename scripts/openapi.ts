// Writes openapi/openapi.json and openapi/asyncapi.json from the schemas of the routes and of the feed. With --check it
// only says whether they are stale.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { buildApp } from '../src/app.ts'
import type { Micros } from '../src/domain/units.ts'
import { createExchange } from '../src/exchange.ts'
import { MemoryLog } from '../src/log/memory-log.ts'
import { Shard } from '../src/shard.ts'

const directory = new URL('../openapi/', import.meta.url)

const app = await buildApp({
  exchange: createExchange(new Shard({ log: new MemoryLog(), clock: () => 0 as Micros })),
  settings: {
    host: '127.0.0.1',
    autoCreate: true,
    badOrderStatus: 400,
    revealOwnerOnCancel: false,
    closedVenues: new Set(),
    openExecutions: false,
    maxInstances: 20,
    rateLimit: 0,
    cors: [],
    allowHost: [],
    logLevel: 'silent',
    tls: undefined,
  },
})
await app.ready()
const documents = {
  'openapi.json': `${JSON.stringify(app.swagger(), null, 2)}\n`,
  'asyncapi.json': (await app.inject('/docs/asyncapi.json')).body,
}
await app.close()

mkdirSync(directory, { recursive: true })
for (const [name, text] of Object.entries(documents)) {
  const file = new URL(name, directory)
  if (!process.argv.includes('--check')) {
    writeFileSync(file, text)
  } else if (text !== read(file)) {
    console.error(`openapi/${name} is stale: run \`npm run openapi\` and commit it`)
    process.exitCode = 1
  }
}

function read(file: URL): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
