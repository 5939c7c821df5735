// Loads the tests from what the compiler has made of them, which the check of types before them leaves behind: no test
// file has to be translated once more, and nothing slows their code down. What they import keeps its name and place.
// node --import ./scripts/test-loader.mjs test/engine/book.test.ts
import hooks from 'node:async_hooks'
import { readFile } from 'node:fs/promises'
import { register, syncBuiltinESMExports } from 'node:module'
import { isMainThread } from 'node:worker_threads'

const root = new URL('../', import.meta.url).href
const built = new URL('../node_modules/.cache/tests/', import.meta.url).href
const packages = `${root}node_modules/`

const isOurs = (url) => url?.startsWith(root) && url.endsWith('.ts') && !url.startsWith(packages)

if (isMainThread) {
  register(import.meta.url)
  // tap follows every promise, to know which test a stray error belongs to. That takes a quarter of the time of tests
  // that make many; without it such an error ends the file, which is as clear.
  hooks.createHook = () => ({
    enable() {},
    disable() {},
  })
  syncBuiltinESMExports()
}

/** The compiler writes the names of what it has made into imports. */
export function resolve(specifier, context, next) {
  const isRelative = specifier.startsWith('.') && specifier.endsWith('.js')
  return next(isRelative && isOurs(context.parentURL) ? specifier.replace(/js$/, 'ts') : specifier, context)
}

export async function load(url, context, next) {
  if (!isOurs(url)) return next(url, context)
  const source = await readFile(new URL(url.slice(root.length).replace(/ts$/, 'js'), built), 'utf8')
  return { format: 'module', source, shortCircuit: true }
}
