import t from 'tap'
import { openGame } from './support.ts'

t.test('the worked session of the protocol page', async (t) => {
  const game = await openGame(t)
  const feed = await game.feed()
  const a = await game.player('kestrel')
  const b = await game.player('osprey')
  const wallets = async () => [await a.data('wallets'), await b.data('wallets')]

  const sold = await a.ask('sell', { price: '1002.00', size: '0.5' })
  t.match(sold, {
    status: true,
    message: 'Sell order placed.',
    data: { size: '0.5000000000', price: '1002.00' },
  })
  t.equal(await b.data('price'), '1001.00')
  const bought = await b.ask('buy_market', { amount: '100.20' })
  t.match(bought, {
    status: true,
    message: 'Market buy order placed.',
    data: { price: '1001.00', amount: '100.20', side: 'buy_market', status: 'open', filled_size: '0.00' },
  })
  t.strictSame(await wallets(), [
    { usd: '10100.20', crypto: '9.5000000000' },
    { usd: '9899.80', crypto: '10.1000000000' },
  ])
  t.strictSame(await a.ask('cancel', { order_id: sold.data.id }), {
    status: true,
    message: 'Order cancelled and removed.',
    data: null,
  })
  t.strictSame(await a.data('wallets'), { usd: '10100.20', crypto: '9.9000000000' })

  const messages = await feed.take(8)
  t.strictSame(
    messages.map(({ type }) => type),
    ['info', 'info', 'info', 'info', 'sell', 'buy_market', 'match', 'cancel'],
  )
  t.strictSame(messages[6], {
    type: 'match',
    message: { size: '0.1000000000', price: '1002.00', buy_id: bought.data.id, sell_id: sold.data.id },
  })
})
