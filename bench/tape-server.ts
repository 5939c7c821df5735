import type { AddressInfo } from 'node:net'
import { venue } from './commands.ts'
import { answer, input } from './process.ts'
import { sendEach } from './send-each.ts'
import { stockyardApp } from './stockyard-app.ts'

export interface TapeServerInput {
  readonly who: 'stockyard' | 'send each'
}
export interface TapeServerReady {
  readonly ordersPort: number
  readonly tapePort: number
  readonly tapePath: string
}

const { who } = input<TapeServerInput>()
const { app, exchange } = await stockyardApp()
await app.listen({ host: '127.0.0.1', port: 0 })
process.on('message', () => answer(process.cpuUsage()))
process.on('disconnect', () => process.exit())
const ordersPort = (app.server.address() as AddressInfo).port
const tapePath = `/ob/api/ws/READER/venues/${venue}/tickertape`
const tapePort = who === 'stockyard' ? ordersPort : await sendEach(exchange)
answer({ ordersPort, tapePort, tapePath } satisfies TapeServerReady)
