import { randomBytes } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { crc32 } from 'node:zlib'
import t from 'tap'
import { sequence } from '../../src/domain/units.ts'
import { checksum } from '../../src/log/checksum.ts'
import { FileLog, openInlineWriter } from '../../src/log/file-log.ts'
import { type FileSystem, nodeFileSystem } from '../../src/log/file-system.ts'
import { encodeSegmentHeader, segmentPath } from '../../src/log/segment.ts'
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

t.test('a segment that was only begun is begun anew, wherever its head was cut', async (t) => {
  const directory = `${t.testdir()}/journal`
  const open = (from?: number) =>
    FileLog.open({
      directory,
      segmentSize: 300,
      openWriter: openInlineWriter(nodeFileSystem),
      ...(from !== undefined && { from: sequence(from) }),
    })
  const begin = (first: number, previous: number, length: number) => {
    const head = encodeSegmentHeader({ version: 1, first: sequence(first), previous })
    nodeFileSystem.makeDirectory(directory)
    writeFileSync(segmentPath(directory, first), head.subarray(0, length))
  }

  for (const [name, length] of Object.entries({ empty: 0, 'half a head': 20, 'a head': 32 })) {
    rmSync(directory, { recursive: true, force: true })
    begin(1, 0, length)
    const first = open()
    t.strictSame(
      [first.last, first.torn.map(({ bytes }) => bytes)],
      [0, [length]],
      `${name} and nothing else`,
    )
    await first.append(batchFrom(1, 3))
    await first.close()
    const whole = nodeFileSystem.read(segmentPath(directory, 1))
    begin(4, whole.readUInt32LE(whole.length - 4), length)
    // As a start from a snapshot of the last command there is: it need not read what comes before.
    const second = open(4)
    t.equal(second.last, 3, `${name} behind others`)
    await second.append(batchFrom(4, 1))
    await second.append(batchFrom(5, 3))
    await second.close()
    const again = open()
    t.strictSame(await sequencesOf(again), [1, 2, 3, 4, 5, 6, 7])
    t.strictSame(again.torn, [])
    await again.close()
  }
})

t.test('a journal thread that could not begin fails what is appended, and closes', async (t) => {
  const directory = `${t.testdir()}/journal`
  const log = FileLog.open({ directory })
  // Whether it began before or comes to it after: there is no place for its first segment.
  rmSync(directory, { recursive: true })

  await t.rejects(log.append(batchFrom(1, 1)))
  await log.close()
})

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
