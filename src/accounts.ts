import { createHmac, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { namePattern } from './domain/name.ts'

/** Who may act as which account. Made from an accounts file; its content can be replaced while it is in use. */
export interface Accounts {
  /** The accounts that a key holds; undefined for a key that nobody has. Takes the same time for any key. */
  held(key: string): ReadonlySet<string> | undefined
  /** Calls a listener after the accounts were replaced, e.g. to close sockets whose key no longer holds. */
  onChange(listener: () => void): void
}

/** Accounts that follow a file. */
export interface AccountsFile extends Accounts {
  /** Reads the file again. Throws what `loadAccounts` throws, and then nothing has changed. */
  reload(): void
}

/**
 * Loads an accounts file: one JSON object from account name to key. Several accounts may share a key. Throws an error
 * of one line, without keys in it, for a file that cannot be read or holds anything else, or nothing.
 */
export function loadAccounts(file: string): AccountsFile {
  // Keys are looked up by a digest under a secret of this process. How long the lookup takes depends on the digest
  // alone, which nobody outside can steer or foresee, so it tells nothing about the keys that are held.
  const secret = randomBytes(32)
  const digest = (key: string) => createHmac('sha256', secret).update(key).digest('base64')
  const listeners: (() => void)[] = []
  let byDigest = read(file, digest)
  return {
    held: (key) => byDigest.get(digest(key)),
    onChange: (listener) => void listeners.push(listener),
    reload() {
      byDigest = read(file, digest)
      for (const listener of listeners) listener()
    },
  }
}

function read(file: string, digest: (key: string) => string): Map<string, Set<string>> {
  const entries = Object.entries(parse(file))
  if (entries.length === 0) throw new Error(`${file}: no accounts in it`)
  const byDigest = new Map<string, Set<string>>()
  for (const [account, key] of entries) {
    if (!name.test(account)) {
      throw new Error(
        `${file}: ${JSON.stringify(account)} is no account name: use 1 to 20 of A-Z, a-z, 0-9 and _`,
      )
    }
    if (typeof key !== 'string' || key === '') {
      throw new Error(`${file}: the key of ${account} has to be text that is not empty`)
    }
    const held = byDigest.get(digest(key)) ?? new Set()
    byDigest.set(digest(key), held.add(account))
  }
  return byDigest
}

const name = new RegExp(namePattern)

function parse(file: string): object {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new Error(`${file}: cannot be read (${(error as NodeJS.ErrnoException).code})`)
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new Error(`${file}: not valid JSON`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error(`${file}: has to be one JSON object from account name to key`)
  }
  return value
}
