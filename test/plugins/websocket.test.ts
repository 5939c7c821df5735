import { once } from 'node:events'
import { type AddressInfo, connect, type Socket } from 'node:net'
import Fastify from 'fastify'
import t from 'tap'
import { WebSocket } from 'ws'
import { acceptWebsockets } from '../../src/plugins/websocket.ts'

async function start(t: { teardown(fn: () => unknown): void }) {
  const app = Fastify({ keepAliveTimeout: 60_000 })
  const accept = acceptWebsockets(app, { under: ['/ws/'] })
  app.get('/plain', async () => ({ plain: true }))
  app.get('/slow', () => new Promise((resolve) => setImmediate(resolve)))
  app.post('/echo', async ({ body, headers }) => ({ body, headers }))
  app.get<{ Querystring: { deny?: string } }>('/ws/listen', async (request, reply) => {
    if (request.query.deny !== undefined) return reply.code(403).send({ ok: false })
    const accepted = accept(request, (socket, stream) => {
      socket.send(`hello, ${stream.remoteAddress}`)
    })
    return accepted ? reply.hijack() : reply.code(426).send({ ok: false })
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(() => app.close())
  const { port } = app.server.address() as AddressInfo
  return { app, port }
}

/** Sends bytes, and gives all that comes back until the other side ends. */
async function exchangeBytes(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.write(bytes)
  let received = ''
  for await (const chunk of socket) received += chunk
  return received
}

const upgrade = (path: string, extra = '') =>
  `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${extra}\r\n`

t.test('a route opens the websocket that a request asks for', async (t) => {
  const { port } = await start(t)

  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws/listen`)
  const [text] = await once(socket, 'message')

  t.equal(`${text}`, 'hello, 127.0.0.1')
  t.equal(socket.extensions, '', 'nothing is compressed, even if the client offers it')
  socket.terminate()
})

t.test('what is refused is answered in JSON, and the connection ends', async (t) => {
  const { port } = await start(t)

  for (const [path, status] of [
    ['/ws/listen?deny=1', '403 Forbidden'],
    ['/ws/unknown', '404 Not Found'],
    ['/plain', '404 Not Found'],
    ['/unknown', '404 Not Found'],
  ] as const) {
    const reply = await exchangeBytes(port, upgrade(path))
    t.ok(reply.startsWith(`HTTP/1.1 ${status}\r\n`), `${path}: ${reply}`)
    t.match(reply, /content-type: application\/json/i)
    t.match(reply, /connection: close/i)
    t.type(JSON.parse(reply.split('\r\n\r\n')[1] as string), 'object')
  }
})

t.test('a handshake that cannot be understood is 400 in JSON', async (t) => {
  const { port } = await start(t)

  for (const bytes of [
    upgrade('/ws/listen').replace('dGhlIHNhbXBsZSBub25jZQ==', 'short'),
    upgrade('/ws/listen').replace('Version: 13', 'Version: 7'),
  ]) {
    const reply = await exchangeBytes(port, bytes)
    t.ok(reply.startsWith('HTTP/1.1 400 Bad Request\r\n'), reply)
    t.match(JSON.parse(reply.split('\r\n\r\n')[1] as string), { ok: false, reason: 'bad_handshake' })
  }
})

t.test('a plain request to a websocket is no websocket', async (t) => {
  const { app } = await start(t)

  t.equal((await app.inject('/ws/listen')).statusCode, 426)
})

t.test('a peer that leaves before it is answered harms nobody', async (t) => {
  const { port } = await start(t)

  for (const path of ['/ws/listen', '/ws/listen?deny=1', '/plain']) {
    const socket = connect(port, '127.0.0.1')
    socket.write(upgrade(path))
    await once(socket, 'connect')
    socket.resetAndDestroy()
  }

  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws/listen`)
  await once(socket, 'message')
  socket.terminate()
})

t.test('a request that offers HTTP/2 is served as if it did not, body and connection kept', async (t) => {
  const { port } = await start(t)
  const offer = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAAB\r\n'
  const body = JSON.stringify({ text: 'x'.repeat(100_000) })
  const post = (headers: string) =>
    `POST /echo HTTP/1.1\r\nHost: x\r\nX-Mine: a\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n${headers}\r\n${body}`

  // The second request comes without waiting; the third, with an offer again, when both are answered.
  const socket = connect(port, '127.0.0.1')
  socket.setEncoding('utf8')
  socket.write(post(offer) + post(''))
  let received = ''
  while (received.split('}}').length < 3) received += (await once(socket, 'data'))[0]
  socket.write(post(offer.replace('Upgrade,', 'Upgrade, close,')))
  for await (const chunk of socket) received += chunk

  const replies = received.split('HTTP/1.1 ').slice(1)
  t.equal(replies.length, 3)
  for (const reply of replies) {
    t.ok(reply.startsWith('200 OK'))
    const { body: echoed, headers } = JSON.parse(reply.split('\r\n\r\n')[1] as string)
    t.equal(echoed.text.length, 100_000)
    t.match(headers, { 'x-mine': 'a', host: 'x' })
    t.notOk('upgrade' in headers || 'http2-settings' in headers)
  }
})

t.test('an upgrade that does not wait for the answer before it cuts its own connection only', async (t) => {
  const { port } = await start(t)
  const slow = 'GET /slow HTTP/1.1\r\nHost: x\r\n\r\n'
  const plain = 'GET /plain HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'

  for (const second of [
    upgrade('/ws/listen'),
    upgrade('/plain'),
    'GET /plain HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n',
  ]) {
    t.equal(await exchangeBytes(port, slow + second), '')
    t.match(await exchangeBytes(port, plain), /^HTTP\/1.1 200/)
  }
})

t.test('an HTTP/2 offer whose body comes later is served too', async (t) => {
  const { port } = await start(t)
  const socket: Socket = connect(port, '127.0.0.1')
  socket.setEncoding('utf8')
  socket.write(
    'POST /echo HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n',
  )
  await once(socket, 'connect')

  setImmediate(() => socket.write('{"a":1}'))
  let received = ''
  for await (const chunk of socket) received += chunk

  t.match(received, /^HTTP\/1.1 200 OK/)
  t.match(received, /"body":\{"a":1\}/)
})

t.test(
  'client frames are dropped, pings answered one by one, and a frame beyond 64 KiB ends it with 1009',
  async (t) => {
    const { port } = await start(t)
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws/listen`)
    await once(socket, 'message')
    const pongs: string[] = []
    socket.on('pong', (data) => pongs.push(`${data}`))

    for (let i = 0; i < 200; i += 1) {
      socket.send(Buffer.from([0xff, 0xfe]), { binary: false })
      socket.ping(`${i}`)
    }
    while (pongs.length < 200) await once(socket, 'pong')
    t.strictSame(
      pongs,
      Array.from({ length: 200 }, (_, i) => `${i}`),
    )

    socket.send('x'.repeat(64 * 1024))
    socket.ping('still here')
    await once(socket, 'pong')
    socket.send('x'.repeat(64 * 1024 + 1))
    const [code] = await once(socket, 'close')
    t.equal(code, 1009)
  },
)

t.test('pings of a peer that reads nothing pile up no pongs', async (t) => {
  const { app, port } = await start(t)
  const accepted = once(app.server, 'connection')
  const client = connect(port, '127.0.0.1')
  client.write(upgrade('/ws/listen'))
  const [server] = (await accepted) as [Socket]
  await once(client, 'data')
  client.pause()
  const ping = Buffer.concat([Buffer.from([0x89, 0xfd, 0, 0, 0, 0]), Buffer.alloc(125, 'x')])
  const pings = Buffer.concat(Array.from({ length: 8000 }, () => ping))

  // Once as many unread pongs are held as may be, all further pings change nothing.
  let bytesRead = 0
  for (let rounds = 0; rounds < 40; rounds += 1) {
    client.write(pings)
    bytesRead += pings.length
    while (server.bytesRead < bytesRead) await new Promise((resolve) => setImmediate(resolve))
    if (server.writableLength > 1024 * 1024) break
  }
  const held = server.writableLength
  client.write(pings)
  while (server.bytesRead < bytesRead + pings.length) await new Promise((resolve) => setImmediate(resolve))

  t.ok(held > 1024 * 1024 && held < 1024 * 1024 + 200, `${held} bytes held`)
  t.equal(server.writableLength, held)
  client.destroy()
})
