import { execFile } from 'node:child_process'
import { mkdir, readdir, readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'

t.setTimeout(120_000)

const root = fileURLToPath(new URL('../../', import.meta.url))
const tsc = join(root, 'node_modules/typescript/bin/tsc')

function run(program: string, args: readonly string[], cwd: string): Promise<string> {
  return new Promise((resolve) =>
    execFile(program, args, { cwd }, (_error, stdout, stderr) => resolve(stdout + stderr)),
  )
}

const inBrowser = `
import { Feed, Rest } from '@stockyard/client'
const url = location.origin
const feed = new Feed({ url, WebSocket })
const rest = new Rest({ url, fetch: (...args) => fetch(...args) })
feed.subscribe({ channel: 'book', venue: 'V', symbol: 'S' }, ({ bids }) => bids[0]?.[0].toFixed())
feed.subscribe({ channel: 'account', venue: 'V', account: 'A' }, (message) => {
  if (message.type === 'snapshot') return
  for (const event of message.events) if (event.type === 'traded') event.open.toFixed()
})
// @ts-expect-error There is no such channel.
feed.subscribe({ channel: 'books', venue: 'V', symbol: 'S' })
void rest.quote({ venue: 'V', symbol: 'S' }).then(({ bid }) => bid?.toFixed())
`

t.test('what is published works in a project of its own', async (t) => {
  const project = t.testdir({ 'page.ts': inBrowser, 'package.json': '{"type":"module"}' })
  const modules = join(project, 'node_modules')
  const installed = join(modules, '@stockyard/client')
  await mkdir(installed, { recursive: true })
  await symlink(join(root, 'node_modules/ws'), join(modules, 'ws'))

  const packed = await run('npm', ['pack', '--silent', '--pack-destination', project], join(root, 'sdk'))
  const archive = packed.trim().split('\n').at(-1) as string
  t.equal(await run('tar', ['xzf', archive, '--strip-components=1', '-C', installed], project), '')

  t.same((await readdir(installed)).sort(), ['LICENSE', 'README.md', 'dist', 'package.json'])
  const strict = ['--strict', '--noUncheckedIndexedAccess', '--exactOptionalPropertyTypes', '--noEmit']
  const browser = [...strict, '--target', 'es2022', '--lib', 'es2022,dom']
  // Stricter than what bundlers do.
  const resolution = ['--module', 'nodenext']
  const checked = [tsc, '--ignoreConfig', ...browser, ...resolution, 'page.ts']
  t.equal(await run(process.execPath, checked, project), '')
  const show = 'import("@stockyard/client").then((sdk) => console.log(Object.keys(sdk).join()))'
  const names = await run(process.execPath, ['--eval', show], project)
  t.equal(names.trim(), 'Feed,OrderBook,Orders,Rest,StockyardError,followBook,toOrder')
})

t.test('nothing is needed but ws, and that only where there is no WebSocket', async (t) => {
  const folder = join(root, 'sdk')
  const files = (await readdir(folder)).filter((file) => file.endsWith('.ts'))
  const guide = await readFile(join(root, 'docs/sdk.md'), 'utf8')
  const imported = new Set<string>()
  for (const file of files) {
    const text = await readFile(join(folder, file), 'utf8')
    for (const [, reason] of text.matchAll(/(?:new StockyardError\(|reason: )'(\w+)'/g))
      t.ok(guide.includes(`| \`${reason}\` |`), `the guide explains ${reason}`)
    for (const [, name] of text.matchAll(/(?:from |import\()'([^']+)'/g)) imported.add(name as string)
  }

  const foreign = [...imported].filter((name) => !/^\.\/[a-z0-9-]+\.ts$/.test(name))
  t.same(foreign, ['ws'])
  const {
    name,
    dependencies,
    private: isPrivate,
  } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
  t.match({ name, isPrivate }, { name: '@stockyard/client', isPrivate: false })
  t.same(Object.keys(dependencies), ['ws'])
})
