import { execFile, spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { runCommand, startServer } from '../support/server.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (path: string) => readFileSync(`${root}${path}`, 'utf8')
const readme = read('README.md')
const run = promisify(execFile)

/** The blocks of code in a language, against another port than the one they name. */
function blocks(language: string, port: number, text = readme): string[] {
  return [...text.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))].map(([, code = '']) =>
    code.replaceAll('127.0.0.1:8000', `127.0.0.1:${port}`),
  )
}

/** The answers of a row of curl commands: JSON objects, one behind the other. */
function answers(text: string): Record<string, unknown>[] {
  return JSON.parse(`[${text.replaceAll(/\}\s*\{"ok"/g, '},{"ok"')}]`)
}

t.test('the curl tour of the README works as it is pasted', async (t) => {
  const { port } = await startServer(t)
  const [tour] = blocks('sh', port) as [string]

  const { stdout } = await run('bash', ['-euc', tour.replaceAll('curl', 'curl -sS')])

  const [stocks, offer, buy, book, quote, status, canceled] = answers(stdout)
  t.match(stocks, { ok: true, symbols: [{ symbol: 'FOOBAR' }] })
  t.match(offer, { ok: true, id: 1, open: true, qty: 100 })
  t.match(buy, { ok: true, id: 2, open: false, totalFilled: 60, fills: [{ price: 5000, qty: 60 }] })
  t.match(book, { ok: true, bids: [], asks: [{ price: 5000, qty: 40 }] })
  t.match(quote, { ok: true, ask: 5000, last: 5000, lastSize: 60 })
  t.match(status, { ok: true, id: 1, qty: 40 })
  t.match(canceled, { ok: true, id: 1, qty: 0, open: false })
})

t.test('the websocket lines of the README print quotes and fills', async (t) => {
  const { port } = await startServer(t)
  const [listen] = blocks('js', port) as [string]
  const [tour] = blocks('sh', port) as [string]
  const child = spawn(process.execPath, ['-e', listen], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => child.kill())
  let printed = ''
  const both = new Promise<void>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text
      if (printed.includes('"quote"') && printed.includes('"standingId"')) resolve()
    })
  })
  // Nobody says when both sockets are open: trade until both have spoken.
  let done = false
  void both.then(() => {
    done = true
  })
  while (!done) await run('bash', ['-euc', tour.replaceAll('curl', 'curl -sS')])

  await both
  t.match(printed, /"account":"BUYER1"/)
})

t.test('the addresses that the README names are there', async (t) => {
  const { url } = await startServer(t)
  const addresses = [...readme.matchAll(/<http:\/\/127\.0\.0\.1:8000(.*?)>/g)].map(([, path = '']) => path)

  t.ok(addresses.length >= 2)
  for (const path of addresses) t.equal((await fetch(`${url}${path}`)).status, 200, path)
})

t.test('the files that the README names are there', async (t) => {
  for (const [, path = ''] of readme.matchAll(/\]\((?!http)(.*?)\)/g))
    t.ok(existsSync(`${root}${path}`), path)
})

t.test('the backup of docs/durability.md is whole, taken from a running server', async (t) => {
  const folder = t.testdir()
  const { port } = await startServer(t, ['--data', `${folder}/data`])
  const [tour] = blocks('sh', port) as [string]
  await run('bash', ['-euc', tour.replaceAll('curl', 'curl -sS')])
  const [backup] = blocks('sh', port, read('docs/durability.md')) as [string]

  // As if it were installed.
  const installed = `stockyard() { "${process.execPath}" "${root}dist/src/cli.js" "$@"; }\n`
  await run('bash', ['-euc', installed + backup], { cwd: folder })

  const { code, stdout } = await runCommand(['journal', 'verify', '--data', `${folder}/backup`])
  t.equal(code, 0)
  t.match(stdout, /commands 1 to \d+ are sound/)
})

t.test('the config file of docs/configuration.md starts a server', async (t) => {
  const [config] = blocks('json', 0, read('docs/configuration.md')) as [string]
  const file = `${t.testdir({ 'config.json': config })}/config.json`

  const { url } = await startServer(t, ['--config', file])

  const stocks = await (await fetch(`${url}/ob/api/venues/ACME/stocks`)).json()
  t.match(stocks, { ok: true, symbols: [{ symbol: 'XYZ' }, { symbol: 'ABC' }] })
})
