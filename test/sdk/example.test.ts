import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { Rest } from '../../sdk/index.ts'
import { startLossyProxy } from '../support/lossy-proxy.ts'
import { startServer } from '../support/server.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const stock = { venue: 'TESTEX', symbol: 'FOOBAR' }

function startBot(t: Test, ...flags: string[]) {
  // TypeScript is run as this test itself is.
  const program = [...process.execArgv, 'examples/feed-market-maker.ts', ...flags]
  const bot = spawn(process.execPath, program, { cwd: root })
  const ended = once(bot, 'close')
  t.teardown(() => bot.kill('SIGKILL'))
  let output = ''
  for (const stream of [bot.stdout, bot.stderr]) stream.on('data', (data) => (output += `${data}`))
  return {
    stop: () => bot.kill('SIGINT'),
    end: async () => ({ code: (await ended)[0], output }),
    said: async (pattern: RegExp) => {
      while (!pattern.test(output)) {
        const [code] = await Promise.race([once(bot.stdout, 'data').then(() => []), ended])
        if (code !== undefined) throw new Error(`ended with ${code}: ${output}`)
      }
    },
  }
}

t.test('the market maker leans against what it holds, survives a cut, and leaves no order', async (t) => {
  const { url } = await startServer(t)
  const proxy = await startLossyProxy(t, () => url)
  const rest = new Rest({ url })
  const trade = (direction: 'buy' | 'sell', qty: number) =>
    rest.place(stock, { account: 'TAKER', direction, qty, orderType: 'market' })
  const bot = startBot(t, '--url', proxy.url)

  await bot.said(/sell 100 at 5020\n/)
  t.match(await rest.quote(stock), { bid: 4980, bidDepth: 100, ask: 5020, askDepth: 100 })
  await trade('sell', 60)
  await bot.said(/buy of 60 at 4980: holds 60 shares\n[\s\S]*sell 100 at 4998\n/)
  t.match(await rest.quote(stock), { bid: 4958, bidDepth: 100, ask: 4998, askDepth: 100 })

  proxy.cut()
  await trade('buy', 100)
  await bot.said(/sell of 100 at 4998: holds -40 shares\n[\s\S]*sell 100 at 5020\n/)
  t.match(await rest.quote(stock), { bid: 4980, bidDepth: 100, ask: 5020, askDepth: 100 })

  bot.stop()
  t.match(await bot.end(), { code: 0, output: /holds -40 shares, no order left open\n$/ })
  t.match(await rest.quote(stock), { bidDepth: 0, askDepth: 0 })
})

t.test('the market maker says in words what is wrong', async (t) => {
  const { url } = await startServer(t)

  const { code, output } = await startBot(t, '--url', url, '--symbol', 'NOPE').end()

  t.equal(code, 1)
  t.equal(output, 'feed-market-maker: No such symbol on this venue\n')
})
