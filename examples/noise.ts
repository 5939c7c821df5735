import { runBot } from './bot.ts'

const text =
  'Noise: buys and sells at random around the last price, so that there is something to trade with.'

await runBot({ name: 'noise', text, account: 'NOISEBOTS' }, async (bot) => {
  while (bot.running()) {
    const { last } = await bot.client.quote()
    const price = Math.max(0, (last || 5000) + bot.between(-100, 100))
    await bot.place(bot.between(0, 1) === 0 ? 'buy' : 'sell', price, bot.between(50, 150))

    const [oldest] = bot.orders
    if (oldest !== undefined && bot.orders.length > 10) await bot.cancel(oldest)
    await bot.pause()
  }
})
