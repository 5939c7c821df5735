import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { startServer } from '../support/server.ts'

t.setTimeout(300_000)

const root = fileURLToPath(new URL('../..', import.meta.url))
const guide = readFileSync(`${root}docs/competition.md`, 'utf8')
const secret = 'a secret of at least 12 characters'

/** The blocks of code in a language. */
function blocks(language: string): string[] {
  const all = [...guide.matchAll(/^```(\w*)\n(.*?)^```$/gms)]
  return all.filter(([, of]) => of === language).map(([, , code = '']) => code)
}

/** Runs a command as it stands in the guide, against a game that is elsewhere. */
function run(t: Test, command: string, environment: Record<string, string> = {}) {
  const child = spawn('bash', ['-euc', `exec ${command}`], {
    cwd: root,
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', ...environment },
  })
  t.teardown(() => child.kill('SIGKILL'))
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  const ended = once(child, 'close').then(([code]) => code as number | null)
  const printed = async (pattern: RegExp) => {
    while (!pattern.test(output)) {
      const isOver = await Promise.race([
        once(child.stdout, 'data').then(() => false),
        ended.then(() => true),
      ])
      if (isOver && !pattern.test(output)) throw new Error(`${command} ended: ${output}`)
    }
  }
  return { child, ended, printed, output: () => output }
}

const python = ['/usr/bin/python3', 'python3'].find(
  (program) => spawnSync(program, ['-c', 'import websockets']).status === 0,
)
const skip = python === undefined ? 'no Python with the package websockets (python3-websockets)' : false

t.test('the competition of the guide is played from its ten lines to its CSV', { skip }, async (t) => {
  const [config = ''] = blocks('json')
  const [csv = ''] = blocks('csv')
  const settings = JSON.parse(config) as { gateways: { cxgame: Record<string, unknown> } }
  Object.assign(settings.gateways.cxgame, { bind: '127.0.0.1', exchangePort: 0, feedPort: 0 })
  const names = blocks('').find((text) => text.startsWith('# who may play'))
  const folder = t.testdir({ 'competition.json': JSON.stringify(settings), 'players.txt': names ?? '' })
  const file = (name: string) => join(folder, name)
  const server = await startServer(t, ['cxgame', '--config', file('competition.json')], {
    STOCKYARD_CXGAME_ADMIN_SECRET: secret,
  })
  const ended = once(server.process, 'exit')
  const [, exchange = '', feed = ''] = /cxgame on (\S+), its feed on (\S+)/.exec(server.stdout()) ?? []
  const here = (command: string) =>
    command
      .replace(/ws:\/\/(HOST|127\.0\.0\.1):9877/, exchange)
      .replace('ws://HOST:9876', feed)
      .replace('python3', python ?? '')
      .replace(/--(csv|token-file) (\S+)/, (_, flag: string, name: string) => `--${flag} ${file(name)}`)
  const commands = blocks('sh').flatMap((text) => text.split('\n'))
  const players = commands.filter((line) => line.includes('player') && line.includes('--url')).map(here)
  const readers = commands
    .filter((line) => line.includes('feed') && line.includes('--url'))
    .map((line, i) => here(line).replace('result.csv', `result-${i}.csv`))
  const referee = blocks('sh').find((text) => text.startsWith('node --input-type=module'))
  t.equal(players.length, 2)
  t.equal(readers.length, 2)

  const watching = readers.map((command) => run(t, `${command} --every 1`))
  const admin = run(t, here(referee ?? ''), { STOCKYARD_CXGAME_ADMIN_SECRET: secret })
  await admin.printed(/Registered/)
  admin.child.stdin.write('start\n')
  await admin.printed(/Command accepted\. Open for business\./)
  const playing = players.map((command) => run(t, `${command} --wait 50`))
  await Promise.all(watching.map((reader) => reader.printed(/kestrel/)))
  await Promise.all(watching.map((reader) => reader.printed(/osprey/)))
  admin.child.stdin.write('shutdown\n')

  t.strictSame(await Promise.all(playing.map((player) => player.ended)), [0, 0])
  t.strictSame(await Promise.all(watching.map((reader) => reader.ended)), [0, 0])
  t.equal((await ended)[0], 0)
  for (const name of ['kestrel.json', 'osprey.json']) t.ok(existsSync(file(name)), name)
  for (const i of [0, 1]) {
    const [head, ...rows] = readFileSync(file(`result-${i}.csv`), 'utf8')
      .trim()
      .split('\n')
    t.equal(head, csv.split('\n')[0])
    t.strictSame(rows.map((row) => row.split('"')[1]).sort(), ['kestrel', 'osprey', 'referee'])
  }
})
