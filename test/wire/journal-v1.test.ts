import { cpSync } from 'node:fs'
import t from 'tap'
import { micros, sequence } from '../../src/domain/units.ts'
import { FileLog, openInlineWriter } from '../../src/log/file-log.ts'
import { nodeFileSystem } from '../../src/log/file-system.ts'
import { Shard } from '../../src/shard.ts'
import { readRecorded, record, recording } from './journal-v1.ts'

const openWriter = openInlineWriter(nodeFileSystem)

t.test('a journal of format 1 is read as it was written, and comes to what it came to', async (t) => {
  const directory = t.testdir()
  cpSync(`${recording}journal`, directory, { recursive: true })
  const log = FileLog.open({ directory, openWriter })
  const shard = new Shard({ log, clock: () => micros(1) })

  await shard.replay()

  t.strictSame({ sequence: shard.sequence as number, digest: shard.digest }, readRecorded())
  await log.close()
})

t.test('this build writes the recording byte for byte', async (t) => {
  const directory = t.testdir()
  await record(directory)

  const names = nodeFileSystem.list(directory).toSorted()
  t.strictSame(names, nodeFileSystem.list(`${recording}journal`).toSorted())
  t.ok(names.length >= 3)
  for (const name of names) {
    const found = nodeFileSystem.read(`${directory}/${name}`)
    t.ok(found.equals(nodeFileSystem.read(`${recording}journal/${name}`)), name)
  }
})

t.test('the recording holds every kind of command', async (t) => {
  const directory = t.testdir()
  cpSync(`${recording}journal`, directory, { recursive: true })
  const log = FileLog.open({ directory, openWriter })
  const kinds = new Set<string>()

  for await (const batch of log.read(sequence(1))) for (const { command } of batch) kinds.add(command.type)

  t.strictSame([...kinds].toSorted(), [
    ...['cancel', 'checkpoint', 'create-venue', 'list-instrument', 'place', 'set-limits'],
  ])
  await log.close()
})
