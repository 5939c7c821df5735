import { refuseForHouse } from './house-guard.ts'
import type { Exchange } from './port.ts'
import type { Shard } from './shard.ts'

/** An exchange that can be stopped, which the edges may not do. */
export interface RunningExchange extends Exchange {
  /** The same for traders of the house: what goes through any other door cannot act for their accounts. */
  readonly forHouse: Exchange
  /** Answers everything that was taken, takes no more, and lets go of the journals. */
  close(): Promise<void>
}

/**
 * One exchange over several shards: a venue named in `others` lives in its shard, every other one at home. Nothing
 * is shared between shards, so there is no order between what happens on one and on another.
 */
export function createExchange(home: Shard, others: ReadonlyMap<string, Shard> = new Map()): RunningExchange {
  const shards = [home, ...new Set(others.values())]
  const shardOf = (venue: string | undefined) => (venue === undefined ? home : (others.get(venue) ?? home))
  const forHouse: Exchange = {
    submit: (command, reply) => shardOf(command.venue).submit(command, reply),
    attach(door) {
      const ends = shards.map((shard) => shard.attach(door))
      return () => {
        for (const end of ends) end()
      }
    },
    *venues() {
      for (const shard of shards) yield* shard.venues()
    },
    venue: (name) => shardOf(name).venue(name),
    findOrder: (venue, id) => shardOf(venue).findOrder(venue, id),
    findOrders: (venue, account, query) => shardOf(venue).findOrders(venue, account, query),
    findFills: (order, query) => shardOf(order.venue).findFills(order, query),
    findTrades: (venue, symbol, query) => shardOf(venue).findTrades(venue, symbol, query),
    findCandles: (venue, symbol, interval, query) =>
      shardOf(venue).findCandles(venue, symbol, interval, query),
    findAccountEvents: (venue, account, query) => shardOf(venue).findAccountEvents(venue, account, query),
    notes: (topic) => home.notes(topic),
    note: (topic, key) => home.note(topic, key),
    status: () => shards.map((shard) => shard.status()),
  }
  return {
    ...forHouse,
    forHouse,
    submit(command, reply) {
      const shard = shardOf(command.venue)
      const events = refuseForHouse(shard, command)
      if (events === undefined) return shard.submit(command, reply)
      const { sequence, time } = shard
      return new Promise((resolve) => resolve(reply({ sequence, time, events })))
    },
    async close() {
      await Promise.all(shards.map((shard) => shard.close()))
    },
  }
}
