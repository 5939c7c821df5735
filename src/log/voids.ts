import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { FileSystem } from './file-system.ts'

const fileName = 'void.json'

/**
 * The commands of a journal that count as refused: an operator's word that is part of the journal from then on. One
 * line of JSON, `{"voided":[…],"crc32":…}`, the checksum over the list as JSON. Throws when it is damaged.
 */
export function readVoids(files: FileSystem, directory: string): ReadonlySet<number> {
  if (!files.list(directory).includes(fileName)) return new Set()
  const path = join(directory, fileName)
  try {
    const { voided, crc32: checksum } = JSON.parse(files.read(path).toString()) as {
      voided: number[]
      crc32: number
    }
    if (checksum !== crc32(JSON.stringify(voided))) throw new Error('its checksum is wrong')
    return new Set(voided)
  } catch (error) {
    throw new Error(`${path} is damaged (${(error as Error).message}): restore it from a backup`)
  }
}

/** Adds a command to the list, durably. */
export function addVoid(files: FileSystem, directory: string, sequence: number): void {
  const voided = [...new Set([...readVoids(files, directory), sequence])].sort((a, b) => a - b)
  replaceFile(
    files,
    join(directory, fileName),
    directory,
    `${JSON.stringify({ voided, crc32: crc32(JSON.stringify(voided)) })}\n`,
  )
}

/** Writes a file as a whole, so that after a crash there is either the old one or the new one. */
function replaceFile(files: FileSystem, path: string, directory: string, text: string): void {
  const draft = `${path}.draft`
  files.remove(draft)
  const file = files.openToAppend(draft)
  const bytes = Buffer.from(text)
  let written = 0
  while (written < bytes.length) written += files.write(file, bytes.subarray(written))
  files.sync(file)
  files.close(file)
  files.rename(draft, path)
  files.syncDirectory(directory)
}
