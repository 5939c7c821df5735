import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openCxgame } from '../gateways/cxgame/door.ts'
import { createWallClock } from '../src/clock.ts'
import { readCxgameSettings } from '../src/config/cxgame-options.ts'
import { openDurableShard } from '../src/durable/durable-shard.ts'
import { createExchange } from '../src/exchange.ts'
import { gameSendEach } from './game-send-each.ts'
import { answer, input } from './process.ts'

export interface GameServerInput {
  readonly who: 'stockyard' | 'send each'
}
export interface GameServerReady {
  readonly commandUrl: string
  readonly feedUrl: string
}

const { who } = input<GameServerInput>()
const directory = mkdtempSync(join(tmpdir(), 'stockyard-bench-game-'))
process.on('exit', () => rmSync(directory, { recursive: true, force: true }))
const { shard } = await openDurableShard(
  { directory, snapshotEvery: 1_000_000, keepJournal: Number.POSITIVE_INFINITY },
  { clock: createWallClock(), warn: console.error, info: () => {} },
)
const exchange = createExchange(shard)
const settings = readCxgameSettings(
  new Map(
    Object.entries({ exchangePort: '0', feedPort: '0', commandsPerSecond: '0' }).map(([key, text]) => {
      return [key as 'feedPort', { text, source: 'bench' }]
    }),
  ),
  { isOnlyDoor: false, maxAccounts: 5000 },
)
const silent = { debug() {}, info() {}, warn() {}, error() {} }
const door = await openCxgame(exchange, settings, { log: silent })
process.on('message', () => answer(process.cpuUsage()))
process.on('disconnect', () => process.exit())
const feedUrl = who === 'stockyard' ? door.feedUrl : await gameSendEach(exchange)
answer({ commandUrl: door.commandUrl, feedUrl } satisfies GameServerReady)
