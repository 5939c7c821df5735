import { once } from 'node:events'
import { join } from 'node:path'
import t from 'tap'
import { micros } from '../../src/domain/units.ts'
import { openData } from '../../src/durable/data-directory.ts'
import { dataPaths } from '../../src/durable/data-paths.ts'
import { openInlineWriter } from '../../src/log/file-log.ts'
import { nodeFileSystem } from '../../src/log/file-system.ts'
import { readJournal } from '../../src/log/journal-reader.ts'
import { MemoryLog } from '../../src/log/memory-log.ts'
import { listSnapshots } from '../../src/log/snapshot.ts'
import { Shard } from '../../src/shard.ts'
import { runCommand, startServer } from '../support/server.ts'
import { createTraders } from '../support/traders.ts'

const runs = Number(process.env.STOCKYARD_KILL_RUNS ?? 20)
/** Orders that are looked at after each start; after every 25th all are. */
const newest = 2000
const connections = 16

t.setTimeout(60_000 + runs * 10_000)

/** The digest that the commands of a journal give in a straight run, without snapshots and history. */
function straightDigest(directory: string): string {
  const shard = new Shard({ log: new MemoryLog(), clock: () => micros(1) })
  const journal = readJournal(nodeFileSystem, dataPaths(directory).journal, 1, Number.POSITIVE_INFINITY)
  for (const batch of journal) for (const command of batch) shard.replayOne(command)
  return shard.digest
}

t.test(`no answered order is lost or doubled by ${runs} kills under load`, async (t) => {
  const directory = join(t.testdir(), 'data')
  const flags = ['--data', directory, '--snapshot-every', '1000', '--log-level', 'warn']
  const traders = createTraders(connections)
  t.teardown(() => traders.close())

  for (let run = 0; run < runs; run += 1) {
    const server = await startServer(t, flags)
    const ended = once(server.process, 'exit')
    traders.connect(server.url)
    if (run > 0) await traders.check(run % 25 === 0 ? 1 : Math.max(1, traders.answered - newest))
    // Now and then at once, while the start's own work goes on.
    const enough = run % 7 === 6 ? connections : 50 + Math.floor(Math.random() * 250)
    await traders.trade(enough, () => server.process.kill('SIGKILL'))
    await ended
    t.ok(traders.unknown > 0, `run ${run}: killed with orders under way, of ${traders.answered} answered`)
  }

  const server = await startServer(t, flags)
  traders.connect(server.url)
  await traders.settle()
  t.equal(await traders.check(), traders.answered, 'as many orders as were sent')
  t.strictSame(await server.stop(), { code: 0, signal: null })
  t.notMatch(server.stderr(), /damaged|no snapshot/)
  const verified = await runCommand(['journal', 'verify', '--data', directory])
  t.match(verified, { code: 0, stdout: /journal: commands 1 to \d+ are sound/ })
  // How many depends on the machine: a snapshot is made with the time that the trading leaves, and a kill may take it.
  const snapshots = listSnapshots(nodeFileSystem, dataPaths(directory).snapshots).length
  t.ok(snapshots === 1 || snapshots === 2, `${snapshots} snapshots`)
  const wanted = straightDigest(directory)
  const data = await openData({
    ...{ directory, clock: () => micros(1), warn: (text) => t.fail(text) },
    openWriter: openInlineWriter(nodeFileSystem),
  })
  t.equal(data.shard.digest, wanted)
  await data.shard.close()
  await data.release()
})
