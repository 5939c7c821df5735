import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { startServer } from '../support/server.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

for (const [whose, ...flags] of [['the package ws'], ['Node itself', '--experimental-websocket']] as const) {
  t.test(
    `the program in the guide runs with the WebSocket of ${whose}, and says what it should`,
    async (t) => {
      const { url } = await startServer(t)
      const guide = await readFile(join(root, 'docs/sdk.md'), 'utf8')
      const program = [...guide.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code).join('\n')
      const sdk = new URL('../../sdk/index.ts', import.meta.url).href
      const folder = t.testdir({
        'guide.ts': program.replace('@stockyard/client', sdk).replace('http://127.0.0.1:8000', url),
      })

      const { stdout, stderr } = await new Promise<{ stdout: string; stderr: string }>((resolve) =>
        execFile(
          process.execPath,
          [...flags, '--import=tsx', join(folder, 'guide.ts')],
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
    },
  )
}
