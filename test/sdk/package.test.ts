import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const root = fileURLToPath(new URL('../../', import.meta.url))
const tsc = join(root, 'node_modules/typescript/bin/tsc')

function run(...args: string[]): Promise<string> {
  return new Promise((resolve) =>
    execFile(process.execPath, args, { cwd: root }, (_error, stdout, stderr) => resolve(stdout + stderr)),
  )
}

const inBrowser = `
import { Feed, Rest } from './index.js'
const url = location.origin
const feed = new Feed({ url, WebSocket })
const rest = new Rest({ url, fetch: (...args) => fetch(...args) })
feed.subscribe({ channel: 'book', venue: 'V', symbol: 'S' }, ({ bids }) => bids[0]?.[0].toFixed())
feed.subscribe({ channel: 'account', venue: 'V', account: 'A' }, (message) => {
  if (message.type === 'change') message.events[0]?.orderId.toFixed()
})
// @ts-expect-error There is no such channel.
feed.subscribe({ channel: 'books', venue: 'V', symbol: 'S' })
void rest.quote({ venue: 'V', symbol: 'S' }).then(({ bid }) => bid?.toFixed())
`

t.test('the package builds by itself, for programs with and without the types of Node', async (t) => {
  const out = t.testdir({ 'page.ts': inBrowser, 'package.json': '{"type":"module"}' })

  t.equal(await run(tsc, '--project', 'sdk/tsconfig.json', '--outDir', out), '')

  const strict = ['--strict', '--noUncheckedIndexedAccess', '--exactOptionalPropertyTypes', '--noEmit']
  const browser = ['--module', 'nodenext', '--target', 'es2023', '--lib', 'es2023,dom']
  t.equal(await run(tsc, '--ignoreConfig', ...strict, ...browser, join(out, 'page.ts')), '')
  const names = await run(
    '--eval',
    `import(${JSON.stringify(join(out, 'index.js'))}).then((sdk) => console.log(Object.keys(sdk).join()))`,
  )
  t.equal(names.trim(), 'Feed,OrderBook,Orders,Rest,StockyardError,followBook,toOrder')
})

t.test('nothing is needed but ws, and that only where there is no WebSocket', async (t) => {
  const folder = join(root, 'sdk')
  const files = (await readdir(folder)).filter((file) => file.endsWith('.ts'))
  const imported = new Set<string>()
  for (const file of files) {
    const text = await readFile(join(folder, file), 'utf8')
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
