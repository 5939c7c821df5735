import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { buildApp } from '../../src/app.ts'
import type { Command } from '../../src/domain/command.ts'
import type { Event } from '../../src/domain/event.ts'
import { createExchange, type RunningExchange } from '../../src/exchange.ts'
import { MemoryLog } from '../../src/log/memory-log.ts'
import type { Instrument } from '../../src/port.ts'
import { Shard } from '../../src/shard.ts'
import { createTestClock, defaultSettings, listing } from './app.ts'
import { FeedClient } from './feed.ts'

/** A listening server that can be stopped and started again on its journal or on a snapshot. */
export async function startFeedServer(t: { teardown(task: () => unknown): unknown }) {
  const log = new MemoryLog({ keep: Number.POSITIVE_INFINITY })
  const clock = createTestClock()
  let shard = new Shard({ log, clock })
  let exchange: RunningExchange
  let app: FastifyInstance
  const clients = new Set<FeedClient>()
  const listeners = new Set<(event: Event) => void>()
  const open = async () => {
    exchange = createExchange(shard)
    exchange.attach({
      event(event) {
        for (const listen of listeners) listen(event)
      },
      applied() {},
      release() {},
    })
    app = await buildApp({ exchange, clock, settings: defaultSettings })
    await app.listen({ host: '127.0.0.1', port: 0 })
  }
  await open()
  const submit = (command: Command) => {
    clock.now += 1000
    return exchange.submit(command, () => {})
  }
  for (const command of listing('TESTEX', 'FOOBAR', 'BARFOO')) await submit(command)
  t.teardown(async () => {
    for (const client of clients) client.socket.terminate()
    await app.close()
    await exchange.close()
  })
  const url = () => {
    const address = app.server.address() as AddressInfo | null
    return address === null ? undefined : `http://127.0.0.1:${address.port}`
  }
  return {
    submit,
    /** Resolves with the next event that fits. */
    happened: (fits: (event: Event) => boolean) =>
      new Promise<void>((resolve) => {
        const listen = (event: Event) => {
          if (!fits(event)) return
          listeners.delete(listen)
          resolve()
        }
        listeners.add(listen)
      }),
    /** Moves the clock. */
    wait: (ms: number) => {
      clock.now += ms * 1000
    },
    /** Where it listens now; a restart changes it, and while there is one it listens nowhere. */
    url,
    instrument: (symbol = 'FOOBAR') => exchange.venue('TESTEX')?.instrument(symbol) as Instrument,
    connect: async () => {
      const client = new FeedClient(`${url()?.replace('http', 'ws')}/ws/v1`)
      clients.add(client)
      await client.opened
      return client
    },
    restart: async (by: 'replay' | 'snapshot') => {
      for (const client of clients) client.socket.terminate()
      clients.clear()
      const records = by === 'snapshot' ? [...shard.save()].map((record) => JSON.stringify(record)) : []
      await app.close()
      await exchange.close()
      shard = new Shard({ log, clock })
      shard.load(records.map((record) => JSON.parse(record)))
      await shard.replay()
      await open()
    },
  }
}
