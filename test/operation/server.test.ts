import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { WebSocket } from 'ws'
import { runCommand, startServer, type TestServer, tlsFixture } from '../support/server.ts'

t.setTimeout(300_000)

// Processes as users start them. Most of the time goes into starting Node, so several at once.
t.jobs = 3

const orders = '/ob/api/venues/TESTEX/stocks/FOOBAR/orders'
const order = (changes: object = {}) =>
  JSON.stringify({
    account: 'EXB123456',
    price: 5000,
    qty: 1,
    direction: 'buy',
    orderType: 'limit',
    ...changes,
  })

interface Reply {
  readonly status: number | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: ReturnType<typeof JSON.parse>
}

/** Sends a request over an agent's kept connections; rejects when it is not answered. */
function send(
  agent: Agent,
  url: string,
  body?: string,
  headers: Record<string, string> = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const method = body === undefined ? 'GET' : 'POST'
    const sent = request(url, { agent, method, headers }, (reply) => {
      const chunks: Buffer[] = []
      reply.on('data', (chunk: Buffer) => chunks.push(chunk))
      reply.on('error', reject)
      reply.on('end', () =>
        resolve({
          status: reply.statusCode,
          headers: reply.headers,
          body: JSON.parse(`${Buffer.concat(chunks)}`),
        }),
      )
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** Places orders over many connections until the server refuses them. `lost` counts requests without an answer. */
function load(url: string, connections: number, headers: Record<string, string> = {}) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const counts = { answered: 0, lost: 0, other: 0 }
  let stopped = false
  let warm = () => {}
  const isWarm = new Promise<void>((resolve) => {
    warm = resolve
  })
  // A connection that is only just being made when the server stops is reset, and its request was never there.
  let connecting = connections
  const one = async () => {
    for (let first = true; !stopped; ) {
      try {
        const { status } = await send(agent, url + orders, order(), headers)
        if (first) connecting -= 1
        first = false
        if (status === 200) {
          counts.answered += 1
          if (counts.answered >= 200 && connecting === 0) warm()
        } else counts.other += 1
      } catch (error) {
        // Not accepted at all is not lost: nothing was sent.
        if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED') return
        counts.lost += 1
      }
    }
  }
  const ended = Promise.all(Array.from({ length: connections }, one))
  return {
    counts,
    ended,
    /** Resolves when it is well under way. */
    isWarm,
    async stop() {
      stopped = true
      await ended
      agent.destroy()
    },
  }
}

async function shell(line: string): Promise<ReturnType<typeof JSON.parse>> {
  const { stdout } = await promisify(execFile)('sh', ['-c', line])
  return JSON.parse(stdout)
}

const curlOf = (server: TestServer) => server.stdout().split('\n')[2] ?? ''

/** Waits until something is so, asking again whenever the other side had time to change it. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise(setImmediate)
}

t.test('the start lines tell where it listens, and the third works when pasted', async (t) => {
  const server = await startServer(t)

  t.match(server.url, /^http:\/\/127\.0\.0\.1:\d+$/)
  t.strictSame(server.stdout().split('\n').slice(0, 2), [
    `listening on ${server.url}`,
    `in a browser: ${server.url}/ (docs: ${server.url}/docs)`,
  ])
  t.match(await shell(`${curlOf(server)} -s`), {
    ok: true,
    id: 1,
    symbol: 'FOOBAR',
    account: 'EXB123456',
    open: true,
  })
  t.equal((await fetch(`${server.url}/docs`)).status, 200)
  t.match(await (await fetch(`${server.url}/health`)).json(), { ok: true })
  t.equal(server.stdout().split('\n').length, 4, 'nothing else goes to stdout')
})

t.test('with TLS everything is https and wss', async (t) => {
  const server = await startServer(t, ['--tls-cert', tlsFixture.cert, '--tls-key', tlsFixture.key])

  t.match(server.url, /^https:/)
  t.match(curlOf(server), /^curl -k /)
  t.match(await shell(`${curlOf(server)} -s`), { ok: true, id: 1 })
  const path = '/ob/api/ws/EXB123456/venues/TESTEX/tickertape'
  const socket = new WebSocket(`${server.url.replace('https', 'wss')}${path}`, { rejectUnauthorized: false })
  await once(socket, 'open')
  const closed = once(socket, 'close')
  // A connection that never gets as far as a handshake does not hold the stop up.
  const silent = connect(server.port, '127.0.0.1')
  await once(silent, 'connect')

  t.strictSame(await server.stop(), { code: 0, signal: null })
  t.equal((await closed)[0], 1001)
})

t.test('it listens on IPv6', async (t) => {
  const server = await startServer(t, ['--host', '::1'])

  t.match(server.url, /^http:\/\/\[::1\]:\d+$/)
  t.match(await shell(`${curlOf(server)} -s`), { ok: true, id: 1 })
})

t.test('settings reach the exchange', async (t) => {
  const folder = t.testdir({
    'config.json': JSON.stringify({
      accounts: 'accounts.json',
      venues: { ACME: { symbols: ['XYZ'], selfTrade: 'cancel-taker', limits: { openOrdersPerAccount: 1 } } },
    }),
    'accounts.json': JSON.stringify({ EXB123456: 'secret' }),
  })
  const server = await startServer(t, [
    '-w',
    '--listing',
    'TESTEX/FOOBAR',
    '--config',
    join(folder, 'config.json'),
  ])
  const curl = curlOf(server)
  const place = (changes: object) =>
    fetch(`${server.url}/ob/api/venues/ACME/stocks/XYZ/orders`, {
      method: 'POST',
      body: order(changes),
      headers: { 'X-Starfighter-Authorization': 'secret' },
    }).then((reply) => reply.json())

  t.match(server.stderr(), /^stockyard: -w changes nothing: websockets are always on/)
  t.match(await shell(`${curl} -s`), { ok: false, reason: 'wrong_key' })
  const filled = curl.replace('YOUR_ACCOUNT', 'EXB123456').replace('YOUR_KEY', 'secret')
  t.match(await shell(`${filled} -s`), { ok: true, open: true })
  t.match(await place({}), { ok: false, reason: 'too_many_open_orders' })
  t.match(await place({ direction: 'sell', orderType: 'ioc' }), { ok: true, totalFilled: 0, open: false })
  t.match(await (await fetch(`${server.url}/ob/api/venues`)).json(), {
    venues: [{ venue: 'ACME' }, { venue: 'TESTEX' }],
  })
})

t.test('a start that is refused says why in one line', async (t) => {
  const { port } = await startServer(t)
  const cases: [flags: string[], code: number, text: RegExp][] = [
    [['--prot', '1'], 2, /^stockyard: there is no flag --prot; did you mean --port\?\n$/],
    [['--wsport', '8001'], 2, /^stockyard: --wsport: there is one port for everything[^\n]*\n$/],
    [['--port', 'x'], 1, /^stockyard: --port: "x" is not a port from 0 to 65535\n$/],
    [['--port', `${port}`], 1, /^stockyard: cannot listen on 127\.0\.0\.1:\d+: something else does[^\n]*\n$/],
    [
      ['--host', '192.0.2.1'],
      1,
      /^stockyard: cannot listen on 192\.0\.2\.1:8000: this machine does not have[^\n]*\n$/,
    ],
    [['--accounts', '/no/such'], 1, /^stockyard: --accounts: [^\n]*\/no\/such[^\n]*\n$/],
  ]
  await Promise.all(
    cases.map(async ([flags, code, text]) => {
      const ended = await runCommand(flags)
      t.match(ended, { code, stdout: '' }, flags.join(' '))
      t.match(ended.stderr, text)
    }),
  )
})

t.test('help and version answer and end', async (t) => {
  const help = await runCommand(['--help'])
  t.match(help, { code: 0, stderr: '', stdout: /^Usage: stockyard/ })
  const version = await runCommand(['--version'])
  t.match(version, { code: 0, stderr: '', stdout: /^\d+\.\d+\.\d+\S*\n$/ })
})

t.test('a stop under load loses no request, and tells websockets', async (t) => {
  const server = await startServer(t)
  const path = '/ob/api/ws/EXB123456/venues/TESTEX/tickertape'
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}${path}`)
  let quotes = 0
  socket.on('message', () => {
    quotes += 1
  })
  await once(socket, 'open')
  const closed = once(socket, 'close')
  const { counts, ended, isWarm } = load(server.url, 32)
  await isWarm

  // One that took too long would end with 1.
  t.strictSame(await server.stop('SIGINT'), { code: 0, signal: null })
  await ended

  t.match(counts, { lost: 0, other: 0 })
  t.equal((await closed)[0], 1001)
  t.equal(quotes, counts.answered, 'every order that was answered was on the tape before')
})

t.test('a request that never ends does not hold the stop up; a second signal ends it at once', async (t) => {
  const hang = async (server: TestServer) => {
    const socket = connect(server.port, '127.0.0.1')
    socket.on('error', () => {})
    socket.write(`POST ${orders} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{`)
    await server.logged(/incoming request/)
  }
  const patient = await startServer(t, ['--log-level', 'debug'])
  const hasty = await startServer(t, ['--log-level', 'debug'])
  await Promise.all([hang(patient), hang(hasty)])

  const stopped = patient.stop()
  hasty.process.kill('SIGTERM')
  await until(async () => {
    const refused = await send(new Agent(), `${hasty.url}/health`).then(
      () => false,
      () => true,
    )
    return refused
  })
  t.strictSame(await hasty.stop(), { code: 1, signal: null })
  t.strictSame(await stopped, { code: 0, signal: null })
})

t.test('SIGHUP reads the accounts again, and no request notices', async (t) => {
  const folder = t.testdir({ 'accounts.json': JSON.stringify({ EXB123456: 'old', OTHER: 'same' }) })
  const file = join(folder, 'accounts.json')
  const server = await startServer(t, ['--accounts', file])
  const agent = new Agent()
  const status = async (key: string) =>
    (await send(agent, server.url + orders, order(), { 'X-Starfighter-Authorization': key })).status
  const running = load(server.url, 2, { 'X-Starfighter-Authorization': 'same' })
  t.strictSame([await status('old'), await status('new')], [200, 401])

  writeFileSync(file, JSON.stringify({ EXB123456: ['no', 'text'] }))
  server.process.kill('SIGHUP')
  await server.logged(/the accounts stay as they were/)
  t.strictSame([await status('old'), await status('new')], [200, 401])

  writeFileSync(file, JSON.stringify({ EXB123456: 'new', OTHER: 'same' }))
  server.process.kill('SIGHUP')
  await server.logged(/the accounts were read again/)
  t.strictSame([await status('old'), await status('new')], [401, 200])

  await running.stop()
  t.equal(running.counts.lost, 0)
  t.ok(running.counts.other > 0 && running.counts.answered === 0, 'OTHER may not place for EXB123456')
  const metrics = await (await fetch(`${server.url}/metrics`)).text()
  t.match(metrics, /stockyard_accounts_reads_total\{outcome="refused"\} 1\n/)
  t.match(metrics, /stockyard_accounts_reads_total\{outcome="read"\} 1\n/)
})

t.test('no key is in any log', async (t) => {
  const folder = t.testdir({ 'accounts.json': JSON.stringify({ EXB123456: 'S3CRET' }) })
  const server = await startServer(t, ['--accounts', join(folder, 'accounts.json'), '--log-level', 'trace'])
  const agent = new Agent()
  const get = (path: string, headers: Record<string, string> = {}) =>
    send(agent, server.url + path, undefined, headers)
  const account = '/ob/api/venues/TESTEX/accounts/EXB123456/orders'

  t.equal((await get(account, { 'X-Starfighter-Authorization': 'S3CRET' })).status, 200)
  t.equal((await get(account, { 'X-Stockfighter-Authorization': 'S3CRET' })).status, 200)
  t.equal((await get(account, { Cookie: 'a=b; api_key=S3CRET' })).status, 200)
  for (const query of [
    'api_key=S3CRET',
    'a=b&API_KEY=S3CRET',
    '%61pi_ke%79=S3CRET',
    'x=1&api%5fkey=S3CRET&y=2',
  ]) {
    for (const path of ['/ob/api/heartbeat', '/nothing', '/ob/api/%zz', account])
      await get(`${path}?${query}`)
    const url = `${server.url.replace('http', 'ws')}/ob/api/ws/EXB123456/venues/TESTEX/executions?${query}`
    const socket = new WebSocket(url)
    await Promise.race([once(socket, 'open'), once(socket, 'error')]).catch(() => {})
    socket.terminate()
  }
  await fetch(`${server.url}${orders}?api_key=S3CRET`, { method: 'POST', body: '{"api_key=S3CRET' })
  const raw = connect(server.port, '127.0.0.1')
  raw.end('GET /?api_key=S3CRET nonsense\r\nCookie: api_key=S3CRET\r\n\r\n')
  await once(raw.resume(), 'close')
  await server.stop()

  t.match(server.stderr(), /"url":"\/ob\/api\/heartbeat\?api_key=\[redacted\]"/, 'requests are logged')
  t.match(server.stderr(), /"url":"\/ob\/api\/heartbeat\?x=1&api%5fkey=\[redacted\]&y=2"/)
  t.notMatch(server.stdout() + server.stderr(), /S3CRET/)
})

t.test('Host and Origin are checked on the wire too', async (t) => {
  const server = await startServer(t)
  const raw = async (text: string) => {
    const socket = connect(server.port, '127.0.0.1')
    socket.end(text)
    const chunks: Buffer[] = []
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    await once(socket, 'close')
    return Number(/^HTTP\/1\.1 (\d+)/.exec(`${Buffer.concat(chunks)}`)?.[1])
  }
  const upgrade = (origin?: string) =>
    new Promise<number>((resolve, reject) => {
      const url = `${server.url.replace('http', 'ws')}/ob/api/ws/EXB123456/venues/TESTEX/tickertape`
      const socket = new WebSocket(url, origin === undefined ? {} : { origin })
      socket.on('open', () => resolve(101))
      socket.on('unexpected-response', (_request, reply) => resolve(reply.statusCode ?? 0))
      socket.on('error', reject)
    })

  t.equal(await raw('GET /health HTTP/1.0\r\n\r\n'), 403, 'no Host')
  t.equal(await raw('GET /health HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n'), 403)
  t.equal(await raw('GET /health HTTP/1.1\r\nConnection: close\r\n\r\n'), 400, 'HTTP/1.1 needs one')
  t.equal(await raw('GET /health HTTP/1.0\r\nHost: localhost\r\n\r\n'), 200)
  t.equal(await upgrade(), 101)
  t.equal(await upgrade(server.url), 101)
  t.equal(await upgrade('http://evil.example'), 403)
})

t.test('a bug ends the process, with the reason in the log', async (t) => {
  const bug = 'process.on("SIGWINCH",()=>{throw new Error("a test bug")})'
  const server = await startServer(t, [], {
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(bug)}`,
  })

  t.strictSame(await server.stop('SIGWINCH'), { code: 1, signal: null })

  t.match(server.stderr(), /"level":"fatal".*a test bug/)
})

t.test('under npm it ends when its parent does', async (t) => {
  const server = await startServer(t, [], { npm_lifecycle_event: 'start' }, [
    'sh',
    '-c',
    '"$0" "$@"; exit $?',
  ])
  const agent = new Agent()
  t.equal((await send(agent, `${server.url}/health`)).status, 200)

  server.process.kill('SIGKILL')

  await until(async () => {
    const gone = await send(agent, `${server.url}/health`).then(
      () => false,
      () => true,
    )
    return gone
  })
})
