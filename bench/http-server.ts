import { Session } from 'node:inspector/promises'
import type { AddressInfo } from 'node:net'
import { bareApp } from './bare-app.ts'
import { answer, input } from './process.ts'
import { stockyardApp } from './stockyard-app.ts'

export interface HttpServerInput {
  readonly who: 'stockyard' | 'bare'
}

export type HttpServerRequest = 'cpu' | 'start profile' | 'end profile'

const inspector = new Session()
const { who } = input<HttpServerInput>()
const app = who === 'bare' ? bareApp() : (await stockyardApp()).app
await app.listen({ host: '127.0.0.1', port: 0 })
process.on('message', async (request: HttpServerRequest) => answer(await handle(request)))
process.on('disconnect', async () => {
  await app.close()
  process.exit()
})
answer({ port: (app.server.address() as AddressInfo).port })

async function handle(request: HttpServerRequest): Promise<unknown> {
  switch (request) {
    case 'cpu':
      return process.cpuUsage()
    case 'start profile':
      inspector.connect()
      await inspector.post('Profiler.enable')
      await inspector.post('Profiler.setSamplingInterval', { interval: 200 })
      return inspector.post('Profiler.start')
    case 'end profile':
      return (await inspector.post('Profiler.stop')).profile
    default:
      return request satisfies never
  }
}
