import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { buildDir } from './process.ts'

/**
 * Compiles the product and the benches to plain JavaScript, as it is shipped: a loader that strips types while it
 * runs also wraps functions to keep their names, which costs speed that nobody would have.
 */
export function compile(): void {
  const root = new URL('..', import.meta.url).pathname
  mkdirSync(buildDir, { recursive: true })
  process.on('exit', () => rmSync(buildDir, { recursive: true, force: true }))
  writeFileSync(`${buildDir}package.json`, '{ "type": "module" }\n')
  const tsc = `${root}node_modules/typescript/bin/tsc`
  const { status, stdout } = spawnSync(process.execPath, [
    tsc,
    ...['-p', `${root}bench/tsconfig.json`, '--outDir', buildDir],
  ])
  if (status !== 0) throw new Error(`tsc failed:\n${stdout}`)
}
