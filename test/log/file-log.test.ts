import { randomBytes } from 'node:crypto'
import { basename } from 'node:path'
import { crc32 } from 'node:zlib'
import t from 'tap'
import { sequence } from '../../src/domain/units.ts'
import { checksum } from '../../src/log/checksum.ts'
import { FileLog, openInlineWriter } from '../../src/log/file-log.ts'
import { type FileSystem, nodeFileSystem } from '../../src/log/file-system.ts'
import { batchFrom, logConformance } from './conformance.ts'

logConformance(t, 'file log', async (t) =>
  FileLog.open({ directory: `${t.testdir()}/journal`, openWriter: openInlineWriter(nodeFileSystem) }),
)

logConformance(t, 'file log in small segments', async (t) =>
  FileLog.open({
    directory: `${t.testdir()}/journal`,
    segmentSize: 300,
    openWriter: openInlineWriter(nodeFileSystem),
  }),
)

t.test(
  'a start reads the newest segment once, and every reading after it what is there by then',
  async (t) => {
    const directory = `${t.testdir()}/journal`
    const read: string[] = []
    const files: FileSystem = {
      ...nodeFileSystem,
      read(path) {
        read.push(basename(path))
        return nodeFileSystem.read(path)
      },
    }
    const open = () =>
      FileLog.open({ directory, files, segmentSize: 300, openWriter: openInlineWriter(nodeFileSystem) })
    const first = open()
    for (let n = 1; n <= 8; n += 1) await first.append(batchFrom(n, 1))
    await first.close()
    const names = nodeFileSystem.list(directory).sort()
    t.ok(names.length > 1)

    const log = open()
    const atStart = await sequencesOf(log)

    t.strictSame(atStart, [1, 2, 3, 4, 5, 6, 7, 8])
    t.strictSame(read, [...names, ...names.slice(0, -1)])
    t.strictSame(await sequencesOf(log), atStart)
    await log.append(batchFrom(9, 1))
    t.strictSame(await sequencesOf(log), [...atStart, 9])

    await log.close()
    const other = open()
    await other.append(batchFrom(10, 1))
    t.strictSame(
      await sequencesOf(other),
      [...atStart, 9, 10],
      'what was read at the start is not all any more',
    )
    await other.close()
  },
)

t.test('a checksum is that of zlib, however few the bytes', async (t) => {
  const bytes = randomBytes(2000)

  for (let length = 0; length <= 600; length += 1) {
    const start = (length * 7) % 1000
    const expected = crc32(bytes.subarray(start, start + length))
    if (checksum(bytes, start, start + length) !== expected) t.fail(`${length} bytes at ${start}`)
  }

  t.equal(checksum(Buffer.from('123456789'), 0, 9), 0xcbf43926)
})

async function sequencesOf(log: FileLog): Promise<number[]> {
  const sequences: number[] = []
  for await (const batch of log.read(sequence(1))) {
    sequences.push(...batch.map((command) => command.sequence as number))
  }
  return sequences
}
