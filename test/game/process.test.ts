import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { startServer } from '../support/server.ts'

t.setTimeout(120_000)

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))

async function call(url: string, path: string, body?: object): Promise<ReturnType<typeof JSON.parse>> {
  const post = { method: 'POST', body: JSON.stringify(body ?? {}), headers: { 'content-type': 'text/plain' } }
  const reply = await fetch(`${url}${path}`, path.endsWith('1') || path.endsWith('levels') ? {} : post)
  return reply.json()
}

t.test('a game goes on after its server was killed in the middle of a day, and is won', async (t) => {
  const flags = ['--data', join(t.testdir(), 'data'), '--log-level', 'warn']
  const first = await startServer(t, flags)
  const start = await call(first.url, '/gm/levels/first_steps', { seed: 7, secondsPerDay: 1 })
  const orders = `/ob/api/venues/${start.venues[0]}/stocks/${start.tickers[0]}/orders`
  const buy = (qty: number, more: object) =>
    ({ account: start.account, qty, direction: 'buy', orderType: 'market', ...more }) as const
  const resting = await call(first.url, orders, buy(7, { orderType: 'limit', price: 1 }))
  const bought = await call(first.url, orders, buy(1, {}))
  const exited = once(first.process, 'exit')
  first.process.kill('SIGKILL')
  await exited

  const { url, stderr } = await startServer(t, flags)
  t.strictSame(await call(url, '/gm/levels/first_steps'), start, 'a start gives the same game back')
  const status = await call(url, '/gm/instances/1')
  t.match(status, { done: false, state: 'open', details: { seed: 7 } })
  if (bought.totalFilled === 1)
    t.match(status.flash, { info: /^1 of 100/ }, 'it knows what was bought before')
  t.match(await (await fetch(`${url}${orders}/${resting.id}`)).json(), { open: true, qty: 7 })
  let last = status
  while (!last.done) {
    await call(url, orders, buy(50, {}))
    last = await call(url, '/gm/instances/1')
  }
  t.match(last, { state: 'won', score: 100 })
  t.match(await call(url, '/gm/levels'), { levels: [{ name: 'first_steps', best: 100 }] })
  t.notMatch(stderr(), /not noted|not replayed/)
})

t.test('the commands of docs/levels.md work as they are pasted', async (t) => {
  const { port } = await startServer(t)
  const guide = readFileSync(`${root}docs/levels.md`, 'utf8')
  const answers: object[] = []
  for (const [, code = ''] of guide.matchAll(/```sh\n(.*?)```/gs)) {
    const script = code.replaceAll('127.0.0.1:8000', `127.0.0.1:${port}`).replaceAll('curl', 'curl -sS')
    const { stdout } = await run('bash', ['-euc', script])
    answers.push(...JSON.parse(`[${stdout.replaceAll('}{', '},{')}]`))
  }

  t.match(answers, [
    { ok: true, levels: [{ name: 'first_steps' }] },
    { ok: true, instanceId: 1 },
    { ok: true, state: 'open' },
    { ok: true, instanceId: 1 },
    { ok: true, error: '' },
  ])
  const listed = (answers[0] as { levels: { name: string }[] }).levels.map(({ name }) => name)
  t.strictSame(
    [...guide.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name),
    listed,
  )
})
