import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'

t.setTimeout(120_000)

const runner = fileURLToPath(new URL('../../scripts/run-tests.mjs', import.meta.url))

const files = {
  'good.mjs': "import t from 'tap'\nt.ok(true)\nt.test('inner', async (t) => t.equal(1, 1))\n",
  'fails.mjs': "import t from 'tap'\nt.ok(true)\nt.equal(1, 2)\n",
  'throws.mjs': "import t from 'tap'\nt.test('inner', async () => { throw new Error('out') })\n",
  'strays.mjs':
    "import t from 'tap'\nt.test('inner', async (t) => { t.ok(1); Promise.reject(new Error('stray')) })\n",
  'leaves.mjs': "import t from 'tap'\nt.test('inner', async (t) => { t.ok(1); process.exit(0) })\n",
  'dies.mjs': "import t from 'tap'\nt.ok(true)\nprocess.kill(process.pid, 'SIGKILL')\n",
  'is-no-test.mjs': 'process.exitCode = 3\n',
  'broken.mjs': 'this is no program\n',
}

t.test(
  'a file that fails, throws, ends early, dies or cannot be read is a failure, and others are not',
  async (t) => {
    const folder = t.testdir(files)
    const names = Object.keys(files)
    const { stdout, status } = spawnSync(
      process.execPath,
      [runner, ...names.map((name) => join(folder, name))],
      {
        encoding: 'utf8',
        env: { ...process.env, STOCKYARD_TEST_JOBS: '2' },
      },
    )
    t.equal(status, 1)
    for (const name of names) {
      const line = new RegExp(`^(not ok|ok)\\b.*${name}`, 'm').exec(stdout)
      t.equal(line?.[1], name === 'good.mjs' ? 'ok' : 'not ok', name)
    }
    t.match(stdout, /\n\d+ passed, 7 failed\n$/)
    t.match(spawnSync(process.execPath, [runner, join(folder, 'good.mjs')], { encoding: 'utf8' }), {
      status: 0,
      stdout: /\n2 passed, 0 failed\n$/,
    })
  },
)
