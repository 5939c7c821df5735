import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { FileSystem } from './file-system.ts'
import { replaceFile } from './replace-file.ts'

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
  const text = `${JSON.stringify({ voided, crc32: crc32(JSON.stringify(voided)) })}
`
  replaceFile(files, join(directory, fileName), [Buffer.from(text)])
}
