import { mkdtempSync, rmSync } from 'node:fs'
import { Session } from 'node:inspector/promises'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { bareApp } from './bare-app.ts'
import { GroupCommit } from './group-commit.ts'
import { answer, input } from './process.ts'
import { durableApp, stockyardApp } from './stockyard-app.ts'

export interface HttpServerInput {
  readonly who: 'stockyard' | 'stockyard-durable' | 'bare' | 'bare-commit'
  /** Commands between two snapshots of what is on disk. */
  readonly snapshotEvery?: number
}

export type HttpServerRequest = 'cpu' | 'start profile' | 'end profile'

const inspector = new Session()
const { who, snapshotEvery } = input<HttpServerInput>()
/** Where those that write do it: on the disk that the product would be on, not in a file system in memory. */
const folder = mkdtempSync(new URL('data-', import.meta.url).pathname)
const { app, close = async () => {} } = await open()
await app.listen({ host: '127.0.0.1', port: 0 })
process.on('message', async (request: HttpServerRequest) => answer(await handle(request)))
process.on('disconnect', async () => {
  await app.close()
  await close()
  rmSync(folder, { recursive: true })
  process.exit()
})
answer({ port: (app.server.address() as AddressInfo).port })

function open(): Promise<{ app: FastifyInstance; close?: () => Promise<void> }> {
  switch (who) {
    case 'stockyard':
      return stockyardApp()
    case 'stockyard-durable':
      return durableApp(folder, snapshotEvery)
    case 'bare':
      return Promise.resolve({ app: bareApp() })
    case 'bare-commit': {
      const commit = new GroupCommit(folder)
      return Promise.resolve({ app: bareApp((order) => commit.add(order)), close: () => commit.close() })
    }
    default:
      return who satisfies never
  }
}

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
