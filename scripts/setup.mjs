// Makes the working copy ready to run: installs packages and builds, each only when something changed.
// npm runs it before `start`, `test` and the others; those that need no dist say --no-build, those that run the server
// from its source --page, and the tests, which are compiled too, --tests. It speaks on stderr only, since stdout belongs to the program.
import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const dist = join(root, 'dist')
const lock = join(root, '.setup-lock')
const lockWaitMs = 10 * 60_000

/** Why nothing can be started, in one line for the user. */
class Refusal extends Error {}

function main() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new Refusal(`needs Node 20.19 or later, not ${process.versions.node}`)
  }
  // An installed package brings dist and no sources: nothing to do.
  if (!existsSync(join(root, 'tsconfig.build.json'))) return
  const flags = new Set(process.argv.slice(2))
  const wanted = flags.has('--no-build')
    ? []
    : flags.has('--page')
      ? [page]
      : flags.has('--tests')
        ? [testRunner, tests, checkedServer, page]
        : [server, page]
  const isReady = () => isInstalled() && !flags.has('--rebuild') && wanted.every(isBuilt)
  if (isReady()) return

  takeLock()
  try {
    if (!isInstalled()) install()
    if (flags.has('--rebuild')) rmSync(dist, { recursive: true, force: true })
    for (const part of wanted) if (!isBuilt(part)) build(part)
  } finally {
    rmSync(lock, { recursive: true, force: true })
  }
}

/** True when node_modules holds what package-lock.json says, for this platform. */
function isInstalled() {
  const wanted = readLockFile('package-lock.json')
  const present = readLockFile('node_modules/.package-lock.json') // npm writes it last, when all went well
  if (present === undefined) return false
  if (wanted === undefined) return true
  for (const [path, want] of Object.entries(wanted)) {
    if (path === '') continue
    const have = present[path]
    if (have === undefined) {
      if (!want.optional) return false
    } else if (have.version !== want.version || have.integrity !== want.integrity) return false
  }
  return Object.values(present).every(
    ({ os, cpu }) => (os?.includes(process.platform) ?? true) && (cpu?.includes(process.arch) ?? true),
  )
}

function readLockFile(name) {
  try {
    return JSON.parse(readFileSync(join(root, name), 'utf8')).packages
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw new Refusal(`cannot read ${name}: ${error.message}`)
  }
}

function install() {
  say('installing packages (npm ci)')
  // npm names itself in the environment of its scripts; another package manager, or none, does not.
  const self = process.env.npm_execpath ?? ''
  const [command, ...first] = basename(self) === 'npm-cli.js' ? [process.execPath, self] : ['npm']
  // With NODE_ENV=production npm would leave out the compiler.
  run(command, [...first, 'ci', '--include=dev', '--no-audit', '--no-fund'], 'npm ci failed')
}

/** The server: compiled into dist. */
const server = {
  name: 'the server',
  stamp: join(dist, '.stamp'),
  sources: () => ['package.json', 'tsconfig.json', 'tsconfig.build.json', ...included('tsconfig.build.json')],
  command: ['typescript/bin/tsc', '-p', 'tsconfig.build.json'],
  // The compiler never deletes.
  removeOld: () => rmSync(dist, { recursive: true, force: true }),
}

/** The same, when all of its types have been checked with the tests. */
const checkedServer = { ...server, command: [...server.command, '--noCheck'] }

/** Everything, checked and compiled for `test-loader.mjs`. */
const tests = {
  name: 'the tests',
  stamp: join(root, 'node_modules/.cache/tests/.stamp'),
  sources: () => ['package.json', 'tsconfig.json', 'tsconfig.tests.json', ...included('tsconfig.json')],
  command: ['typescript/bin/tsc', '-p', 'tsconfig.tests.json'],
  removeOld() {},
}

/** The page for browsers: bundled into dist/web. */
const page = {
  name: 'the page',
  stamp: join(dist, '.page-stamp'),
  sources: () => ['tsconfig.json', 'web', 'sdk'],
  command: ['vite/bin/vite.js', 'build', '--config', 'web/vite.config.ts', '--logLevel', 'warn'],
  removeOld() {},
}

/**
 * The test runner: tap compiles itself for the plugins that .taprc names. Its first run would do so too, but still with
 * those that it came with, and the compiler among them takes five seconds of each test file.
 */
const testRunner = {
  name: 'the test runner',
  // Where a new install takes it away.
  stamp: join(root, 'node_modules/.cache/tap-stamp'),
  sources: () => ['.taprc'],
  command: ['tap/dist/esm/run.mjs', 'build'],
  removeOld() {},
}

function included(config) {
  return JSON.parse(readFileSync(join(root, config), 'utf8')).include
}

/** What a build depends on: each file with its size and time. A changed, added or deleted file changes the text. */
function sources(part) {
  return [...part.sources(), 'package-lock.json'].flatMap((name) => list(name)).sort()
}

const notSources = new Set(['sdk/dist', 'test/old-clients', 'test/web/screenshots'])

function list(name) {
  // What is built of the client is no source of it, and what tests install and show is none of theirs.
  if (notSources.has(name)) return []
  const path = join(root, name)
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return []
  if (stat.isDirectory()) return readdirSync(path).flatMap((child) => list(`${name}/${child}`))
  return [`${name} ${stat.size} ${stat.mtimeMs}`]
}

const nameOf = (line) => line.slice(0, line.lastIndexOf(' ', line.lastIndexOf(' ') - 1))

function isBuilt(part) {
  return readStamp(part) === sources(part).join('\n')
}

function readStamp({ stamp }) {
  try {
    return readFileSync(stamp, 'utf8')
  } catch {
    return undefined
  }
}

function build(part) {
  say(`building ${part.name}`)
  const now = sources(part) // before the build: a file saved meanwhile differs from the stamp and is built next time
  const names = new Set(now.map(nameOf))
  const before = readStamp(part)?.split('\n').map(nameOf)
  if (before === undefined || before.some((name) => !names.has(name))) part.removeOld()
  rmSync(part.stamp, { force: true })
  const [program, ...args] = part.command
  run(process.execPath, [join(root, 'node_modules', program), ...args], `building ${part.name} failed`)
  mkdirSync(dirname(part.stamp), { recursive: true })
  writeFileSync(part.stamp, now.join('\n'))
}

function run(command, args, failure) {
  // Windows finds npm.cmd only through a shell.
  const shell = command === 'npm' && process.platform === 'win32'
  const result = spawnSync(command, args, { cwd: root, shell, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
  if (result.status === 0) return
  process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}`)
  throw new Refusal(`${failure} (${result.error?.message ?? `exit ${result.status ?? result.signal}`})`)
}

/**
 * Of two starts at the same time one works and the other waits. The lock is a directory, which only one can make,
 * with the owner's process id inside; the lock of a dead process is taken over.
 */
function takeLock() {
  const giveUp = Date.now() + lockWaitMs
  for (;;) {
    try {
      mkdirSync(lock)
      return own()
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    const owner = readOwner()
    if (isDead(owner) && takeOver(owner)) return own()
    if (Date.now() > giveUp) throw new Refusal(`another set-up is still at work; if none is, delete ${lock}`)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
  }
}

function own() {
  writeFileSync(join(lock, 'pid'), String(process.pid))
}

function readOwner() {
  try {
    return Number(readFileSync(join(lock, 'pid'), 'utf8'))
  } catch {
    return 0 // not written yet
  }
}

function isDead(pid) {
  if (pid === 0) {
    const made = statSync(lock, { throwIfNoEntry: false })?.mtimeMs
    return made !== undefined && Date.now() - made > 5000
  }
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return error.code === 'ESRCH'
  }
}

/** Of several who see the same dead owner one makes the directory; the owner must still be the dead one then. */
function takeOver(dead) {
  const claim = join(lock, `after-${dead}`)
  try {
    mkdirSync(claim)
  } catch {
    return false
  }
  if (readOwner() === dead) return true
  rmdirSync(claim)
  return false
}

function say(text) {
  process.stderr.write(`stockyard: ${text}\n`)
}

try {
  main()
} catch (error) {
  if (!(error instanceof Refusal)) throw error
  say(error.message)
  process.exitCode = 1
}
