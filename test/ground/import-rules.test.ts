import { execFile } from 'node:child_process'
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const root = fileURLToPath(new URL('../../', import.meta.url))
const biome = join(root, 'node_modules/@biomejs/biome/bin/biome')
const importRule = 'lint/style/noRestrictedImports'

/** [the importing file, what it imports]. Nothing of it exists: the rules look at names only. */
type Case = [file: string, specifier: string]

const edgeFiles = ['routes/a.ts', 'traders/a.ts', 'game/a.ts', 'sim/a.ts', 'src/plugins/a.ts']
const edgeFilesDeeper = ['gateways/fix/a.ts', 'game/levels/a.ts', 'sim/faults/a.ts']
const edgeFilesDeepest = ['gateways/fix/dictionary/a.ts']
const tops = ['exchange', 'app', 'server', 'cli', 'durable/snapshot-child']

/** The way from a file to a path of the repository, as an import writes it. */
function to(file: string, target: string): Case {
  const up = file.split('/').length - 1
  const inSrc = file.startsWith('src/') && target.startsWith('src/')
  const specifier = inSrc ? '../'.repeat(up - 1) + target.slice(4) : '../'.repeat(up) + target
  return [file, specifier.startsWith('.') ? specifier : `./${specifier}`]
}

const allEdges = [...edgeFiles, ...edgeFilesDeeper, ...edgeFilesDeepest]
const coreTargets = [
  'src/engine/engine.ts',
  'src/log/log.ts',
  'src/projections/quotes.ts',
  'src/history/history.ts',
  ...tops.map((top) => `src/${top}.ts`),
]

const forbidden: Case[] = [
  to('src/domain/a.ts', 'src/engine/engine.ts'),
  to('src/domain/a.ts', 'src/port.ts'),
  ['src/domain/a.ts', 'node:fs'],
  ['src/domain/a.ts', 'fastify'],
  ...[
    'src/engine/a.ts',
    'src/engine/credit/a.ts',
    'src/projections/a.ts',
    'src/projections/deep/a.ts',
  ].flatMap((file): Case[] => [
    to(file, 'src/log/log.ts'),
    to(file, 'src/feeds/hub.ts'),
    to(file, 'src/port.ts'),
    to(file, 'src/exchange.ts'),
    to(file, 'routes/orders.ts'),
    to(file, 'schemas/orders.ts'),
    [file, 'node:fs'],
    [file, 'fs'],
    [file, 'decimal.js'],
    [file, '@fastify/websocket'],
  ]),
  to('src/engine/a.ts', 'src/projections/quotes.ts'),
  to('src/engine/credit/a.ts', 'src/projections/quotes.ts'),
  to('src/projections/a.ts', 'src/engine/engine.ts'),
  to('src/log/a.ts', 'src/engine/engine.ts'),
  to('src/log/a.ts', 'src/projections/quotes.ts'),
  to('src/log/a.ts', 'src/exchange.ts'),
  ['src/log/a.ts', 'fastify'],
  to('src/history/a.ts', 'src/log/log.ts'),
  to('src/history/a.ts', 'src/engine/engine.ts'),
  ['src/history/a.ts', 'fastify'],
  to('src/report/a.ts', 'src/projections/quotes.ts'),
  to('src/report/a.ts', 'src/history/history.ts'),
  to('src/report/a.ts', 'src/port.ts'),
  to('src/report/a.ts', 'src/exchange.ts'),
  ['src/report/a.ts', 'fastify'],
  ['src/report/a.ts', 'node:fs'],
  to('src/feeds/a.ts', 'src/engine/engine.ts'),
  to('src/feeds/a.ts', 'src/log/log.ts'),
  to('src/feeds/a.ts', 'src/exchange.ts'),
  to('src/feeds/a.ts', 'schemas/orders.ts'),
  ['src/feeds/a.ts', 'ws'],
  to('schemas/a.ts', 'src/port.ts'),
  to('schemas/a.ts', 'src/engine/engine.ts'),
  to('schemas/a.ts', 'routes/orders.ts'),
  ['schemas/a.ts', 'fastify'],
  ['schemas/a.ts', 'node:fs'],
  ...allEdges.flatMap((file) => coreTargets.map((target) => to(file, target))),
  ...allEdges.filter((file) => !file.startsWith('src/')).map((file) => to(file, 'src/config/config.ts')),
  to('routes/a.ts', 'gateways/fix/codec.ts'),
  to('routes/a.ts', 'traders/driver.ts'),
  to('traders/a.ts', 'game/levels.ts'),
  to('gateways/fix/a.ts', 'routes/orders.ts'),
  to('src/plugins/a.ts', 'routes/orders.ts'),
  ...tops.flatMap((top) => [
    to('src/config/config.ts', `src/${top}.ts`),
    to('src/accounts.ts', `src/${top}.ts`),
    to('src/port.ts', `src/${top}.ts`),
    to('examples/a.ts', `src/${top}.ts`),
  ]),
  to('src/port.ts', 'src/engine/engine.ts'),
  to('src/port.ts', 'src/config/config.ts'),
  ['src/port.ts', 'fastify'],
  to('sdk/a.ts', 'src/domain/units.ts'),
  to('sdk/deep/a.ts', 'src/domain/units.ts'),
  to('web/a.ts', 'src/port.ts'),
  to('web/deep/a.ts', 'src/port.ts'),
  to('web/very/deep/a.ts', 'src/port.ts'),
]

const allowed: Case[] = [
  ['src/domain/a.ts', './units.ts'],
  ...['src/engine/a.ts', 'src/engine/credit/a.ts', 'src/projections/a.ts', 'src/log/a.ts'].map((file) =>
    to(file, 'src/domain/units.ts'),
  ),
  ['src/engine/a.ts', './book.ts'],
  ['src/engine/a.ts', './credit/cash.ts'],
  ['src/engine/credit/a.ts', '../book.ts'],
  ['src/projections/a.ts', './orders.ts'],
  ['src/log/a.ts', './log.ts'],
  ['src/log/a.ts', 'node:worker_threads'],
  ['src/log/a.ts', 'classic-level'],
  ['src/history/a.ts', 'classic-level'],
  to('src/history/a.ts', 'src/domain/units.ts'),
  to('src/report/a.ts', 'src/domain/units.ts'),
  to('src/report/a.ts', 'src/engine/engine.ts'),
  to('src/report/a.ts', 'src/log/journal-reader.ts'),
  ['src/report/a.ts', './statistics.ts'],
  to('src/feeds/a.ts', 'src/domain/units.ts'),
  to('src/feeds/a.ts', 'src/projections/quotes.ts'),
  ['schemas/a.ts', 'typebox'],
  ['schemas/a.ts', 'typebox/value'],
  ['schemas/a.ts', './common.ts'],
  to('schemas/a.ts', 'src/domain/units.ts'),
  ...allEdges.flatMap((file): Case[] => [
    to(file, 'src/port.ts'),
    to(file, 'src/domain/units.ts'),
    to(file, 'src/feeds/hub.ts'),
    to(file, 'schemas/orders.ts'),
    [file, './neighbor.ts'],
    [file, 'fastify'],
    [file, 'node:net'],
  ]),
  ['gateways/fix/dictionary/a.ts', '../codec.ts'],
  to('game/a.ts', 'traders/step.ts'),
  to('game/levels/a.ts', 'traders/step.ts'),
  to('game/levels/deep/a.ts', 'traders/step.ts'),
  to('src/plugins/a.ts', 'src/config/config.ts'),
  to('src/plugins/a.ts', 'src/accounts.ts'),
  to('src/port.ts', 'src/domain/units.ts'),
  to('src/port.ts', 'src/feeds/hub.ts'),
  to('src/config/config.ts', 'src/domain/units.ts'),
  ...tops.flatMap((top): Case[] => [
    to(`src/${top}.ts`, 'src/exchange.ts'),
    to(`src/${top}.ts`, 'src/log/file-log.ts'),
    to(`src/${top}.ts`, 'routes/orders.ts'),
    to('test/routes/a.ts', `src/${top}.ts`),
    to('bench/a.ts', `src/${top}.ts`),
    to('scripts/a.ts', `src/${top}.ts`),
  ]),
  ['sdk/a.ts', './client.ts'],
  ['web/a.ts', 'preact'],
]

interface Diagnostic {
  category: string
  location: { path: string | { file: string } }
}

/** Lints the given files in a directory that holds our biome.json; returns `file: rule` for each finding. */
async function lint(dir: string, files: Map<string, string>): Promise<string[]> {
  await cp(join(root, 'biome.json'), join(dir, 'biome.json'))
  await cp(join(root, 'scripts/lint'), join(dir, 'scripts/lint'), { recursive: true })
  for (const [file, text] of files) {
    await mkdir(dirname(join(dir, file)), { recursive: true })
    await writeFile(join(dir, file), text)
  }
  const args = [biome, 'lint', '--reporter=json', '--max-diagnostics=none', '--config-path=.']
  const json = await new Promise<string>((resolve) => {
    execFile(process.execPath, args, { cwd: dir, maxBuffer: 1e8 }, (_error, stdout) => resolve(stdout))
  })
  const { diagnostics } = JSON.parse(json) as { diagnostics: Diagnostic[] }
  return diagnostics.map(({ category, location: { path } }) => {
    return `${typeof path === 'string' ? path : path.file}: ${category}`
  })
}

/** The files of these cases: one each, but a file at the top of src is known by its name, so its cases share it. */
function filesOf(cases: Case[]): Map<string, string> {
  const files = new Map<string, string>()
  for (const [i, [file, specifier]] of cases.entries()) {
    const isTop = /^src\/[a-z-]+\.ts$/.test(file)
    const name = isTop ? file : file.replace(/\ba\.ts$/, `a${i}.ts`)
    files.set(name, `${files.get(name) ?? ''}export * from '${specifier}'\n`)
  }
  return files
}

t.test('every forbidden import is an error', async (t) => {
  const files = filesOf(forbidden)

  const findings = (await lint(t.testdir(), files)).filter((finding) => finding.endsWith(importRule))

  t.strictSame(
    [...new Set(findings)].sort(),
    [...files.keys()].map((file) => `${file}: ${importRule}`).sort(),
  )
  t.equal(findings.length, forbidden.length)
})

t.test('every allowed import passes', async (t) => {
  t.strictSame(await lint(t.testdir(), filesOf(allowed)), [])
})

t.test('an import of a type only, or while running, is an import too', async (t) => {
  const findings = await lint(
    t.testdir(),
    new Map([
      ['src/engine/type.ts', "import type { Log } from '../log/log.ts'\nexport type L = Log\n"],
      ['src/engine/later.ts', "export const log = () => import('../log/log.ts')\n"],
      ['routes/inline.ts', "export type L = import('../src/log/log.ts').Log\n"],
      ['routes/old.ts', "export const log = require('../src/log/log.ts')\n"],
    ]),
  )

  t.strictSame(findings.sort(), [
    'routes/inline.ts: plugin',
    'routes/old.ts: plugin',
    `src/engine/later.ts: ${importRule}`,
    `src/engine/type.ts: ${importRule}`,
  ])
})

t.test('domain and engine have no clock, no random numbers, no surroundings, and never wait', async (t) => {
  const texts = [
    'export const at = Date.now()',
    'export const at = new Date()',
    'export const at = performance.now()',
    'export const n = Math.random()',
    'export const n = globalThis.Math',
    'export const n = crypto.randomUUID()',
    'console.log(1)',
    'export const n = process.env.N',
    'setTimeout(() => {}, 1)',
    'export async function f(g: () => unknown) {\n  await g()\n}',
  ]
  const files = ['src/domain', 'src/engine', 'src/engine/credit'].flatMap((dir) =>
    texts.map((text, i) => [`${dir}/x${i}.ts`, `${text}\n`] as const),
  )
  const fine = new Map([
    ['src/engine/fine.ts', 'export const least = (a: number, b: number) => Math.min(a, b)\n'],
    ['src/log/fine.ts', 'export const at = Date.now() + Math.random()\n'],
  ])

  const findings = await lint(t.testdir(), new Map([...files, ...fine]))

  const named = new Set(findings.map((finding) => finding.slice(0, finding.indexOf(':'))))
  t.strictSame([...named].sort(), files.map(([file]) => file).sort())
})

t.test('traders and levels use nothing that differs between machines or runs', async (t) => {
  const texts = [
    'Math.random()',
    'Math.log(2)',
    'Math.pow(2, 3)',
    '2 ** 3',
    'Math.sin(1)',
    'Date.now()',
    'performance.now()',
  ]
  const files = ['traders', 'game', 'game/levels'].flatMap((dir) =>
    texts.map((text, i) => [`${dir}/x${i}.ts`, `export const n = ${text}\n`] as const),
  )
  const fine = new Map([['traders/fine.ts', 'export const n = Math.floor(7 / 2) + Math.max(1, 2)\n']])

  const findings = await lint(t.testdir(), new Map([...files, ...fine]))

  const named = new Set(findings.map((finding) => finding.slice(0, finding.indexOf(':'))))
  t.strictSame([...named].sort(), files.map(([file]) => file).sort())
})

t.test('an import cycle is an error, of types too', async (t) => {
  const findings = await lint(
    t.testdir(),
    new Map([
      ['src/engine/one.ts', "import type { B } from './two.ts'\nexport type A = B | 1\n"],
      ['src/engine/two.ts', "import type { A } from './one.ts'\nexport type B = A | 2\n"],
    ]),
  )

  t.strictSame(findings.sort(), [
    'src/engine/one.ts: lint/suspicious/noImportCycles',
    'src/engine/two.ts: lint/suspicious/noImportCycles',
  ])
})
