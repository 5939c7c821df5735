import { spawnSync } from 'node:child_process'
import { createPrivateKey, type KeyObject, sign } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { SignJWT } from 'jose'
import t, { type Test } from 'tap'
import { WebSocket } from 'ws'
import { startServer, tlsFixture } from '../../support/server.ts'
import { type Json, keyPair } from './support.ts'

t.setTimeout(300_000)

const publicPem = keyPair.publicKey.export({ type: 'spki', format: 'pem' })
const alice = {
  uid: 'ALICE',
  apiKey: 'KALICE',
  publicKeyFile: 'pub.pem',
  balances: { vet: '1000', usdt: '1000' },
}

async function start(t: Test, folder: string, flags: readonly string[] = []) {
  const server = await startServer(t, ['--config', join(folder, 'c.json'), '--demo', 'off', ...flags])
  const found = /oceanex on (\S+), its REST on (\S+)/.exec(server.stdout())
  if (found === null) throw new Error(`no door in ${server.stdout()}`)
  return { server, url: found[1] as string, restUrl: found[2] as string }
}

async function connect(t: Test, url: string) {
  const socket = new WebSocket(url, { rejectUnauthorized: false })
  t.teardown(() => socket.terminate())
  const closed = once(socket, 'close').then(([code]) => code as number)
  await once(socket, 'message')
  const ask = async (handler: string, data: object): Promise<Json> => {
    socket.send(JSON.stringify({ identifier: { handler }, command: 'message', data }))
    const [text] = await once(socket, 'message')
    return JSON.parse(String(text)).message
  }
  const logIn = (uid: string, key: KeyObject = keyPair.privateKey) => {
    const nonce = Date.now()
    const signature = sign('sha256', Buffer.from(`GET|/ws/v1|${nonce}|`), key).toString('base64')
    const header = { uid, api_key: `K${uid}`, nonce, verb: 'GET', path: '/ws/v1', signature }
    return ask('AuthHandler', { action: 'login', uuid: 'l', header })
  }
  return { ask, logIn, closed }
}

t.test('a door that was killed goes on where it stood', async (t) => {
  const section = { port: 0, users: [alice] }
  const folder = t.testdir({
    'c.json': JSON.stringify({ gateways: { oceanex: section } }),
    'pub.pem': publicPem,
  })
  const data = ['--data', join(folder, 'data')]
  const first = await start(t, folder, data)
  const one = await connect(t, first.url)
  t.equal((await one.logIn('ALICE')).code, 0)
  const args = { market: 'vetusdt', side: 'sell', price: 1, volume: 10, ord_type: 'limit' }
  const { data: order } = await one.ask('OrderHandler', { action: 'create', uuid: 'o', args })
  const { data: before } = await one.ask('AccountHandler', { action: 'index', uuid: 'a' })
  t.match(before.accounts[0], { currency: 'vet', balance: '990.0', locked: '10.0' })
  await first.server.stop('SIGKILL')

  const again = await start(t, folder, data)
  const other = await connect(t, again.url)
  t.equal((await other.logIn('ALICE')).code, 0)
  t.strictSame((await other.ask('AccountHandler', { action: 'index', uuid: 'a' })).data, before)
  t.match((await other.ask('OrderHandler', { action: 'show', uuid: 's', args: { id: order.id } })).data, {
    ...order,
    trades: [],
  })
  t.match(await again.server.stop(), { code: 0 })
  t.equal(await other.closed, 1001)
})

t.test('with an accounts file the same account trades by the REST API, with its other key', async (t) => {
  const folder = t.testdir({
    'c.json': JSON.stringify({
      gateways: { oceanex: { port: 0, users: [alice, { ...alice, uid: 'BOB' }] } },
    }),
    'pub.pem': publicPem,
    'keys.json': JSON.stringify({ ALICE: 'a-key-of-alice', CAROL: 'a-key-of-carol' }),
  })
  const order = { account: 'ALICE', price: 1_000_000, qty: 1000, direction: 'sell', orderType: 'limit' }
  const placing = async (url: string, body: object, key: string) => {
    const headers = { 'X-Starfighter-Authorization': key }
    const path = `${url}/ob/api/venues/OCEANEX/stocks/VETUSDT/orders`
    const response = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) })
    return [response.status, (await response.json()) as Json] as const
  }
  const { server, url, restUrl } = await start(t, folder, [
    '--memory',
    '--accounts',
    join(folder, 'keys.json'),
  ])
  t.match(await placing(server.url, order, 'a-key-of-alice'), [200, { ok: true, id: 1 }])
  t.match(await placing(server.url, { ...order, account: 'CAROL' }, 'a-key-of-carol'), [400, { ok: false }])
  const one = await connect(t, url)
  await one.logIn('ALICE')
  t.match((await one.ask('OrderHandler', { action: 'index', uuid: 'i', args: {} })).data, {
    resources: [{ id: 1, price: '1.0', volume: '10.0' }],
  })
  const token = await new SignJWT({ uid: 'ALICE', apikey_id: 'KALICE', data: {} })
    .setProtectedHeader({ alg: 'RS256' })
    .sign(keyPair.privateKey)
  const me = (await (await fetch(`${restUrl}/members/me?user_jwt=${token}`)).json()) as Json
  t.match(me, { code: 0, data: { accounts: [{ currency: 'vet', locked: '10.0' }] } })

  const closed = await start(t, folder, ['--memory'])
  t.match(await placing(closed.server.url, order, ''), [403, { reason: 'closed_door' }])
})

t.test('the door speaks TLS where the server does, and the words of its page lead to it', async (t) => {
  const page = readFileSync(new URL('../../../docs/oceanex.md', import.meta.url), 'utf8')
  const [, config = ''] = /```json\n([\s\S]*?)```/.exec(page) ?? []
  const [, commands = ''] = /```sh\n(openssl[\s\S]*?)npm start/.exec(page) ?? []
  const settings = JSON.parse(config)
  settings.gateways.oceanex.port = 0
  const folder = t.testdir({ 'c.json': JSON.stringify(settings) })
  const made = spawnSync('sh', ['-ec', commands], { cwd: folder, encoding: 'utf8' })
  if (made.error !== undefined || made.status !== 0) {
    t.comment(`openssl is missing: ${made.stderr}`)
    return
  }
  const tls = ['--tls-cert', tlsFixture.cert, '--tls-key', tlsFixture.key]
  const { url, restUrl } = await start(t, folder, ['--memory', ...tls])
  t.match([url, restUrl], [/^wss:/, /^https:/])
  const one = await connect(t, url)
  const key = createPrivateKey(readFileSync(join(folder, 'key.pem')))
  t.equal((await one.logIn('ID0000TEST', key)).code, 0)
  t.strictSame(
    (await one.ask('AccountHandler', { action: 'index', uuid: 'a' })).data.accounts.map(
      ({ currency, balance }: Json) => [currency, balance],
    ),
    [
      ['vet', '10000.0'],
      ['usdt', '1000.0'],
      ['btc', '0.0'],
    ],
  )
})
