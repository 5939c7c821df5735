import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The version of the package. */
export function readVersion(): string {
  // Beside src/, or beside dist/ when built.
  const file = ['../package.json', '../../package.json']
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .find((path) => existsSync(path))
  if (file === undefined) throw new Error('package.json is missing')
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string }
  return version
}
