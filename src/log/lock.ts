import { ClassicLevel } from 'classic-level'

/**
 * Takes a directory for this process alone; the result gives it back. Throws when another process has it.
 *
 * The lock is the one of a tiny LevelDB, which the system takes from a process that dies, however it dies. A file
 * with a process id in it stays behind a `kill -9`, and in containers every process has the same id.
 */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  const lock = new ClassicLevel(`${directory}/lock`)
  try {
    await lock.open()
  } catch (error) {
    const { cause } = error as { cause?: { code?: string; message?: string } }
    if (cause?.code === 'LEVEL_LOCKED') throw new DirectoryLocked(directory)
    throw new Error(`${directory} cannot be locked: ${cause?.message ?? error}`)
  }
  return () => lock.close()
}

class DirectoryLocked extends Error {
  constructor(directory: string) {
    super(`${directory} is in use by another stockyard: stop that one, or choose another --data`)
  }
}
