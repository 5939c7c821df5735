import { spawn, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Stands in for `npm ci`: "installs" a compiler, and writes what it installed as npm does. */
const fakeNpm = `
import { appendFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
appendFileSync('log', process.argv.slice(2).join(' ') + '\\n')
if (process.env.BROKEN_NPM) {
  console.log('npm says why')
  process.exit(7)
}
await new Promise((resolve) => setTimeout(resolve, Number(process.env.SLOW_NPM ?? 0)))
mkdirSync('node_modules/typescript/bin', { recursive: true })
cpSync('fake-tsc.cjs', 'node_modules/typescript/bin/tsc')
mkdirSync('node_modules/vite/bin', { recursive: true })
cpSync('fake-vite.cjs', 'node_modules/vite/bin/vite.js')
mkdirSync('node_modules/tap/dist/esm', { recursive: true })
cpSync('fake-tap.mjs', 'node_modules/tap/dist/esm/run.mjs')
const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'))
const fits = ({ os, cpu }) => (os ?? [process.platform]).includes(process.platform) && (cpu ?? [process.arch]).includes(process.arch)
lock.packages = Object.fromEntries(Object.entries(lock.packages).filter(([path, entry]) => path !== '' && fits(entry)))
writeFileSync('node_modules/.package-lock.json', JSON.stringify(lock))
`

/** Stands in for the compiler: one output for each source, and like it never deletes. */
const fakeTsc = `
const { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } = require('node:fs')
appendFileSync('log', 'tsc ' + process.argv.slice(2).join(' ') + '\\n')
mkdirSync('dist/src', { recursive: true })
for (const name of readdirSync('src')) {
  const text = readFileSync('src/' + name, 'utf8')
  if (text.includes('wrong')) {
    console.log('src/' + name + ': wrong')
    process.exit(2)
  }
  writeFileSync('dist/src/' + name.replace('.ts', '.js'), text)
}
`

/** Stands in for the bundler of the page. */
const fakeVite = `
const { appendFileSync, mkdirSync, writeFileSync } = require('node:fs')
appendFileSync('log', 'vite ' + process.argv.slice(2).join(' ') + '\\n')
mkdirSync('dist/web', { recursive: true })
writeFileSync('dist/web/index.html', 'page')
`

/** Stands in for the test runner. */
const fakeTap = `
import { appendFileSync } from 'node:fs'
appendFileSync('log', 'tap ' + process.argv.slice(2).join(' ') + '\\n')
`

const ci = 'ci --include=dev --no-audit --no-fund'
const tsc = 'tsc -p tsconfig.build.json'
const testsTsc = 'tsc -p tsconfig.tests.json'
const vite = 'vite build --config web/vite.config.ts --logLevel warn'

/** A small working copy with the real set-up script and the real lock file. */
function workingCopy(t: Test): string {
  const dir = t.testdir({
    'npm-cli.js': fakeNpm,
    'fake-tsc.cjs': fakeTsc,
    'fake-vite.cjs': fakeVite,
    'fake-tap.mjs': fakeTap,
    '.taprc': 'plugin: []\n',
    'package.json': JSON.stringify({ type: 'module' }),
    'tsconfig.json': JSON.stringify({ include: ['src', 'test'] }),
    'tsconfig.tests.json': '{}',
    'tsconfig.build.json': JSON.stringify({ include: ['src', 'routes'] }),
    src: { 'cli.ts': 'cli\n', 'book.ts': 'book\n' },
    web: { 'main.tsx': 'page\n' },
    sdk: { 'index.ts': 'client\n', dist: { 'index.js': 'built\n' } },
    scripts: {},
  })
  cpSync(join(root, 'scripts/setup.mjs'), join(dir, 'scripts/setup.mjs'))
  cpSync(join(root, 'package-lock.json'), join(dir, 'package-lock.json'))
  return dir
}

/** How the script is called: from a directory that has nothing to do with it, as a script of npm. */
function call(dir: string, env: Record<string, string> = {}, nodeArgs: string[] = []) {
  return {
    args: [...nodeArgs, join(dir, 'scripts/setup.mjs')],
    options: { cwd: tmpdir(), env: { PATH: '/nowhere', npm_execpath: join(dir, 'npm-cli.js'), ...env } },
  }
}

function setUp(dir: string, env?: Record<string, string>, nodeArgs?: string[], flags: string[] = []) {
  const { args, options } = call(dir, env, nodeArgs)
  args.push(...flags)
  return spawnSync(process.execPath, args, { ...options, encoding: 'utf8' })
}

function setUpInBackground(dir: string, env?: Record<string, string>): Promise<number | null> {
  const { args, options } = call(dir, env)
  return new Promise((resolve) => spawn(process.execPath, args, options).on('exit', resolve))
}

/** What was run since the last look. */
function takeLog(dir: string): string[] {
  const log = join(dir, 'log')
  if (!existsSync(log)) return []
  const lines = readFileSync(log, 'utf8').trimEnd().split('\n')
  rmSync(log)
  return lines
}

t.test('a fresh copy is installed and built, silently for stdout, and then left alone', async (t) => {
  const dir = workingCopy(t)

  const first = setUp(dir, { NODE_ENV: 'production' })
  t.strictSame(takeLog(dir), [ci, tsc, vite])
  t.strictSame([first.status, first.stdout], [0, ''])
  t.equal(
    first.stderr,
    'stockyard: installing packages (npm ci)\nstockyard: building the server\nstockyard: building the page\n',
  )
  t.ok(existsSync(join(dir, 'dist/src/cli.js')))
  t.notOk(existsSync(join(dir, '.setup-lock')))

  const again = setUp(dir)
  t.strictSame([again.status, again.stdout, again.stderr], [0, '', ''])
  t.strictSame(takeLog(dir), [])
})

t.test('a changed, added or deleted source is built, and a deleted one leaves nothing behind', async (t) => {
  const dir = workingCopy(t)
  setUp(dir)
  takeLog(dir)

  writeFileSync(join(dir, 'src/book.ts'), 'another book\n')
  setUp(dir)
  t.strictSame(takeLog(dir), [tsc])

  writeFileSync(join(dir, 'src/new.ts'), 'new\n')
  setUp(dir)
  t.strictSame(takeLog(dir), [tsc])

  mkdirSync(join(dir, 'routes'))
  writeFileSync(join(dir, 'routes/orders.ts'), 'orders\n')
  setUp(dir)
  t.strictSame(takeLog(dir), [tsc])

  rmSync(join(dir, 'src/new.ts'))
  setUp(dir)
  t.strictSame(takeLog(dir), [tsc, vite])
  t.notOk(existsSync(join(dir, 'dist/src/new.js')))
  t.ok(existsSync(join(dir, 'dist/src/book.js')))

  for (const file of ['web/main.tsx', 'sdk/index.ts']) {
    writeFileSync(join(dir, file), 'another\n')
    setUp(dir)
    t.strictSame(takeLog(dir), [vite])
  }
  writeFileSync(join(dir, 'sdk/dist/index.js'), 'another\n')
  setUp(dir)
  t.strictSame(takeLog(dir), [])

  writeFileSync(join(dir, 'tsconfig.json'), '{ }')
  setUp(dir)
  t.strictSame(takeLog(dir), [tsc, vite])
  setUp(dir)
  t.strictSame(takeLog(dir), [])
})

t.test('a build can be left out, or be made anew', async (t) => {
  const dir = workingCopy(t)

  setUp(dir, {}, [], ['--no-build'])
  t.strictSame(takeLog(dir), [ci])
  setUp(dir, {}, [], ['--no-build'])
  t.strictSame(takeLog(dir), [])

  setUp(dir, {}, [], ['--page'])
  t.strictSame(takeLog(dir), [vite])
  setUp(dir)
  t.strictSame(takeLog(dir), [tsc, vite])
  setUp(dir, {}, [], ['--rebuild'])
  t.strictSame(takeLog(dir), [tsc, vite])
})

t.test(
  'tests are compiled and checked once with all else, and their runner is built for its plugins',
  async (t) => {
    const dir = workingCopy(t)
    const forTests = () => {
      setUp(dir, {}, [], ['--tests'])
      return takeLog(dir)
    }

    t.strictSame(forTests(), [ci, 'tap build', testsTsc, `${tsc} --noCheck`, vite])
    t.strictSame(forTests(), [])
    setUp(dir)
    t.strictSame(takeLog(dir), [], 'the server is built')

    mkdirSync(join(dir, 'test'))
    writeFileSync(join(dir, 'test/book.test.ts'), 'book\n')
    t.strictSame(forTests(), [testsTsc])
    writeFileSync(join(dir, 'src/book.ts'), 'another book\n')
    t.strictSame(forTests(), [testsTsc, `${tsc} --noCheck`])
    writeFileSync(join(dir, '.taprc'), 'plugin: ["!@tapjs/typescript"]\n')
    t.strictSame(forTests(), ['tap build'])

    writeFileSync(join(dir, 'src/book.ts'), 'wrong\n')
    t.strictSame([forTests(), forTests()], [[testsTsc], [testsTsc]], 'what is wrong is not built unchecked')
  },
)

t.test('another lock file, a lost package or one for another platform is installed anew', async (t) => {
  const dir = workingCopy(t)
  setUp(dir)
  takeLog(dir)
  const installed = join(dir, 'node_modules/.package-lock.json')
  const change = (file: string, edit: (packages: Record<string, Record<string, unknown>>) => void) => {
    const lock = JSON.parse(readFileSync(file, 'utf8'))
    edit(lock.packages)
    writeFileSync(file, JSON.stringify(lock))
  }

  change(join(dir, 'package-lock.json'), (packages) => {
    packages['node_modules/fastify'] = { version: '5.0.0', integrity: 'sha512-x' }
  })
  setUp(dir)
  t.strictSame(takeLog(dir), [ci, tsc, vite])

  change(installed, (packages) => {
    delete packages['node_modules/fastify']
  })
  setUp(dir)
  t.strictSame(takeLog(dir), [ci])

  change(installed, (packages) => {
    packages['node_modules/binding'] = { version: '1.0.0', os: ['plan9'] }
  })
  setUp(dir)
  t.strictSame(takeLog(dir), [ci])
  setUp(dir)
  t.strictSame(takeLog(dir), [])
})

t.test('a failure shows why and is tried again', async (t) => {
  const dir = workingCopy(t)

  const noPackages = setUp(dir, { BROKEN_NPM: '1' })
  t.strictSame([noPackages.status, noPackages.stdout], [1, ''])
  t.match(noPackages.stderr, /npm says why\nstockyard: npm ci failed \(exit 7\)\n$/)
  t.notOk(existsSync(join(dir, '.setup-lock')))

  writeFileSync(join(dir, 'src/book.ts'), 'wrong\n')
  for (const _ of [1, 2]) {
    const noBuild = setUp(dir)
    t.strictSame([noBuild.status, noBuild.stdout], [1, ''])
    t.match(noBuild.stderr, /src\/book\.ts: wrong\nstockyard: building the server failed \(exit 2\)\n$/)
  }
  takeLog(dir)

  writeFileSync(join(dir, 'src/book.ts'), 'right\n')
  t.equal(setUp(dir).status, 0)
  t.strictSame(takeLog(dir), [tsc, vite])
})

t.test('of several starts at once one does the work, also when an earlier one died at it', async (t) => {
  const dir = workingCopy(t)
  const dead = spawnSync(process.execPath, ['-e', '']).pid

  t.strictSame(await Promise.all([1, 2, 3].map(() => setUpInBackground(dir, { SLOW_NPM: '300' }))), [0, 0, 0])
  t.strictSame(takeLog(dir), [ci, tsc, vite])

  rmSync(join(dir, 'node_modules'), { recursive: true })
  mkdirSync(join(dir, '.setup-lock'))
  writeFileSync(join(dir, '.setup-lock/pid'), String(dead))
  t.strictSame(await Promise.all([1, 2, 3].map(() => setUpInBackground(dir, { SLOW_NPM: '300' }))), [0, 0, 0])
  t.strictSame(takeLog(dir), [ci])
  t.notOk(existsSync(join(dir, '.setup-lock')))
})

t.test('a Node that is too old is refused in one line', async (t) => {
  const dir = workingCopy(t)
  const pretend = "Object.defineProperty(process, 'versions', { value: { node: '20.18.3' } })"

  const refused = setUp(dir, {}, ['--import', `data:text/javascript,${encodeURIComponent(pretend)}`])

  t.strictSame(
    [refused.status, refused.stdout, refused.stderr],
    [1, '', 'stockyard: needs Node 20.19 or later, not 20.18.3\n'],
  )
  t.strictSame(takeLog(dir), [])
})

t.test('an installed package, which has no sources, needs nothing', async (t) => {
  const dir = workingCopy(t)
  rmSync(join(dir, 'tsconfig.build.json'))

  const result = setUp(dir)

  t.strictSame([result.status, result.stdout, result.stderr], [0, '', ''])
  t.strictSame(takeLog(dir), [])
})
