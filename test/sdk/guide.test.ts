import { execFile, spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { startServer } from '../support/server.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** A text's program, to run against a server. */
async function programOf(file: string, url: string): Promise<string> {
  const text = await readFile(join(root, file), 'utf8')
  const program = [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code).join('\n')
  const sdk = new URL('../../sdk/index.ts', import.meta.url).href
  return program.replace('@stockyard/client', sdk).replace('http://127.0.0.1:8000', url)
}

t.test('the program in the guide runs with the package ws, and says what it should', async (t) => {
  const { url } = await startServer(t)
  const folder = t.testdir({ 'guide.ts': await programOf('docs/sdk.md', url) })

  const { stdout, stderr } = await new Promise<{ stdout: string; stderr: string }>((resolve) =>
    execFile(
      process.execPath,
      ['--import=tsx', join(folder, 'guide.ts')],
      { cwd: root, timeout: 60_000 },
      (_error, stdout, stderr) => resolve({ stdout, stderr }),
    ),
  )

  t.equal(stderr, '')
  const lines = stdout.trim().split('\n')
  t.equal(lines[0], 'nobody bids')
  t.equal(lines[1], '404 unknown_symbol')
  for (const line of ['the feed is open', 'bid -, ask 5010', 'bought 40, 0 open', '40 at 5010'])
    t.ok(lines.includes(line), line)
  t.equal(lines.at(-1), 'the feed is closed')
})

t.test(
  "the program in the README runs with Node's own WebSocket, and sees its order in the book",
  async (t) => {
    const { url } = await startServer(t)
    const folder = t.testdir({ 'readme.ts': await programOf('sdk/README.md', url) })

    const flags = ['--experimental-websocket', '--import=tsx']
    const program = spawn(process.execPath, [...flags, join(folder, 'readme.ts')], { cwd: root })
    t.teardown(() => program.kill())
    let said = ''
    program.stderr.on('data', (data) => (said += `${data}`))
    for await (const data of program.stdout) {
      said += `${data}`
      // It goes on until it is stopped.
      if (said.includes('traded []')) break
    }

    t.match(said, 'order 1: 100 wait at 5000')
    t.match(said, 'best { price: 5000, quantity: 100, orders: 1 } undefined')
  },
)
