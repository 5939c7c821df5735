import { spawn } from 'node:child_process'
import { once } from 'node:events'
import t from 'tap'

t.setTimeout(120_000)

/** A shard in whose ledger somebody makes money out of nothing, and that goes on trading. */
const program = `
import { MemoryLog } from './src/log/memory-log.ts'
import { Shard } from './src/shard.ts'

const shard = new Shard({ log: new MemoryLog(), clock: () => 1 })
const send = (command) => shard.submit(command, () => undefined)
const terms = {
  ...{ base: 'GLD', quote: 'USD', tickSize: '1', lotSize: '1', unitsPerLot: 1, worth: [1, 1] },
  ...{ notionalRounding: 'down', minQuantity: 1 },
}
const rules = { rulesVersion: 1, selfTrade: 'allow', credit: 'cash', opening: { USD: '1000000000' } }
await send({ type: 'create-venue', venue: 'BANK', rules })
await send({ type: 'list-instrument', venue: 'BANK', symbol: 'GLD', terms })
await send({ type: 'open-account', venue: 'BANK', account: 'ann' })
const order = { type: 'place', venue: 'BANK', symbol: 'GLD', account: 'ann', side: 'buy', orderType: 'limit' }
const buy = (price) => send({ ...order, timeInForce: 'gtc', price, quantity: 1, autoCreate: false })
await buy(7)
shard.venue('BANK').account('ann').balances.get('USD').receive(1)
for (let price = 1; price < 10000; price += 1) await buy(price)
console.log('nobody noticed')
`

t.test('a process whose ledger does not add up ends, and says what was done last', async (t) => {
  // TypeScript is run as this test itself is.
  const child = spawn(process.execPath, [...process.execArgv, '--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  t.teardown(() => child.kill())
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const [code] = await once(child, 'close')

  t.not(code, 0)
  t.equal(stdout, '')
  t.match(stderr, /invariant broken: BANK: 1000000001 USD are held, 1000000000 came in/)
  t.match(
    stderr,
    /The last commands: \{"sequence":\d+,.*\["place","BANK","GLD","ann","buy","limit","gtc",\d+,1,0\]/,
  )
})
