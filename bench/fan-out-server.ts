import type { AddressInfo } from 'node:net'
import { answer, input } from './process.ts'
import { sendEach } from './send-each.ts'
import { stockyardApp } from './stockyard-app.ts'
import type { StreamName } from './streams.ts'

export interface FanOutServerInput {
  readonly who: 'stockyard' | 'send each'
  readonly stream: StreamName
}
export interface FanOutServerReady {
  readonly ordersPort: number
  readonly streamPort: number
}

const { who, stream } = input<FanOutServerInput>()
const { app, exchange } = await stockyardApp()
await app.listen({ host: '127.0.0.1', port: 0 })
process.on('message', () => answer(process.cpuUsage()))
process.on('disconnect', () => process.exit())
const ordersPort = (app.server.address() as AddressInfo).port
const streamPort = who === 'stockyard' ? ordersPort : await sendEach(exchange, stream)
answer({ ordersPort, streamPort } satisfies FanOutServerReady)
