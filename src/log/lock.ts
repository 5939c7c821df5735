import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'

/**
 * Takes a directory for this process alone; the result gives it back. Throws when another process has it.
 *
 * The lock is the one of a tiny LevelDB, which the system takes from a process that dies, however it dies. A file
 * with a process id in it stays behind a `kill -9`, and in containers every process has the same id.
 */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  const path = join(directory, 'lock')
  try {
    try {
      return await take(path)
    } catch (error) {
      if (causeOf(error).code === 'LEVEL_LOCKED') throw error
      // It holds nothing, so one that is damaged may go.
      clear(path)
      return await take(path)
    }
  } catch (error) {
    const { code, message } = causeOf(error)
    if (code === 'LEVEL_LOCKED') throw new DirectoryLocked(directory)
    throw new Error(`${directory} cannot be locked: ${message}`)
  }
}

async function take(path: string): Promise<() => Promise<void>> {
  const lock = new ClassicLevel(path)
  await lock.open()
  return () => lock.close()
}

/** Removes all but the file that is locked: another process may just have taken it. */
function clear(path: string): void {
  for (const name of existsSync(path) ? readdirSync(path) : []) {
    if (name !== 'LOCK') rmSync(join(path, name), { recursive: true })
  }
}

/** What LevelDB says behind an error of its wrapping. */
function causeOf(error: unknown): { readonly code?: string; readonly message: string } {
  const { cause } = error as { cause?: { code?: string; message: string } }
  return cause ?? (error as Error)
}

class DirectoryLocked extends Error {
  constructor(directory: string) {
    super(`${directory} is in use by another stockyard: stop that one, or choose another --data`)
  }
}
