import type { Command } from '../../src/domain/command.ts'
import { lots, ticks } from '../../src/domain/units.ts'

/** A source of numbers from 0 to 1 that gives the same ones for the same seed (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let n = Math.imul(state ^ (state >>> 15), 1 | state)
    n = (n + Math.imul(n ^ (n >>> 7), 61 | n)) ^ n
    return ((n ^ (n >>> 14)) >>> 0) / 4_294_967_296
  }
}

const symbols = ['FOOBAR', 'FOOBAR', 'BARFOO']

/** Commands of accounts A0 to A3 on two stocks of TESTEX: orders of all kinds, replacements, and cancels of orders old and new. */
export function createTrading(random: () => number): () => Command {
  let placed = 0
  const upTo = (n: number) => Math.floor(random() * n)
  return () => {
    const orderId = 1 + Math.max(0, placed - upTo(30))
    if (placed > 5 && random() < 0.25) return { type: 'cancel', venue: 'TESTEX', orderId }
    if (placed > 5 && random() < 0.2) {
      const price = ticks(5000 + upTo(30) - 15)
      return { type: 'replace', venue: 'TESTEX', orderId, price, quantity: lots(1 + upTo(20)) }
    }
    placed += 1
    const isMarket = random() < 0.05
    return {
      type: 'place',
      venue: 'TESTEX',
      symbol: symbols[upTo(symbols.length)] as string,
      account: `A${upTo(4)}`,
      side: random() < 0.5 ? 'buy' : 'sell',
      orderType: isMarket ? 'market' : 'limit',
      timeInForce: isMarket || random() < 0.1 ? 'ioc' : random() < 0.05 ? 'fok' : 'gtc',
      price: ticks(isMarket ? 0 : 5000 + upTo(30) - 15),
      quantity: lots(1 + upTo(20)),
      autoCreate: true,
    }
  }
}
