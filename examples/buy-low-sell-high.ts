import { runBot } from './bot.ts'
import type { Direction, Order } from './client.ts'

const text = `Buy low, sell high: buys a little under the last price when it is short, sells a little over it when
it is long. It learns what an order traded when it cancels it.`

await runBot({ name: 'buy-low-sell-high', text, account: 'BLSHBOTS' }, async (bot) => {
  let shares = 0
  let cents = 0
  let waiting = false

  while (bot.running()) {
    const { last } = await bot.client.quote()
    if (last === undefined) {
      if (!waiting) console.log('no trade yet: waiting for a first price')
      waiting = true
    } else {
      const direction = nextDirection()
      const price = direction === 'buy' ? Math.max(0, last - 50) : last + 50
      await bot.place(direction, price, bot.between(75, 100))
      if (bot.orders.length > 10) await cancelOldest()
    }
    await bot.pause()
  }

  while (bot.orders.length > 0) await cancelOldest()
  console.log(`holds ${shares} shares and ${(cents / 100).toFixed(2)} dollars`)

  function nextDirection(): Direction {
    if (shares === 0) return bot.between(0, 1) === 0 ? 'buy' : 'sell'
    return shares < 0 ? 'buy' : 'sell'
  }

  async function cancelOldest(): Promise<void> {
    const [oldest] = bot.orders
    if (oldest !== undefined) count(await bot.cancel(oldest))
  }

  function count({ direction, fills, totalFilled }: Order): void {
    const sign = direction === 'buy' ? 1 : -1
    shares += sign * totalFilled
    for (const fill of fills) cents -= sign * fill.price * fill.qty
  }
})
