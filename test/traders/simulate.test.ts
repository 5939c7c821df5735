import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openData } from '../../src/durable/data-directory.ts'
import { openInlineWriter } from '../../src/log/file-log.ts'
import { nodeFileSystem } from '../../src/log/file-system.ts'
import { runSimulateCommand } from '../../src/simulate-cli.ts'
import { createTestClock } from '../support/app.ts'

const openWriter = openInlineWriter(nodeFileSystem)

/** Runs `stockyard simulate`, and gives what it printed. */
async function simulate(...words: string[]): Promise<string> {
  let printed = ''
  await runSimulateCommand(
    words,
    (text) => {
      printed += text
    },
    () => undefined,
  )
  return printed
}

const hashOf = (printed: string) => /SHA-256 ([0-9a-f]{64})/.exec(printed)?.[1]

t.test('a simulation leaves a journal that a server opens, with everything in it', async (t) => {
  const out = join(t.testdir(), 'made/by/it')

  const printed = await simulate('--hours', '0.1', '--seed=7', '--out', out)

  const [, commands, trades] = /: (\d+) commands, (\d+) trades/.exec(printed)?.map(Number) ?? []
  const data = await openData({ directory: out, clock: createTestClock(), warn: t.fail, openWriter })
  t.teardown(async () => {
    await data.shard.close()
    await data.release()
  })
  const venue = data.shard.venue('DEMOEX')
  const instrument = venue?.instrument('ACME')
  t.equal(data.shard.sequence, commands)
  t.ok([...(instrument?.bids.levels() ?? [])].length >= 5)
  t.ok(instrument?.lastTrade)
  t.equal([...(venue?.accounts() ?? [])].filter(({ isHouse }) => isHouse).length, 34)
  await data.history.flush()
  const { trades: newest } = await data.shard.findTrades('DEMOEX', 'ACME', { limit: 5 })
  t.equal(newest.at(-1)?.id, trades)
  t.ok(await data.shard.findOrder('DEMOEX', 1), 'the first order, which closed long ago')
})

t.test('the same seed gives the same journal on every machine', async (t) => {
  const wanted = readFileSync(new URL('../fixtures/simulation.sha256', import.meta.url), 'utf8').trim()

  const printed = await simulate('--hours', '0.1', '--seed', '7', '--out', t.testdir())
  const other = await simulate('--hours', '0.05', '--seed', '8', '--out', t.testdir())
  const same = await simulate('--hours', '0.05', '--seed', '8', '--out', join(t.testdir(), 'same'))

  t.equal(hashOf(printed), wanted, 'a change of traders or engine: write the new one to the file')
  t.match(hashOf(other), /^[0-9a-f]{64}$/)
  t.equal(hashOf(other), hashOf(same))
})

t.test('a population of one’s own is simulated', async (t) => {
  const population = {
    venue: 'MINE',
    symbol: 'XYZ',
    startPrice: 500,
    traders: [{ kind: 'maker' }, { kind: 'noise', count: 2 }],
  }
  const dir = t.testdir({ 'mine.json': JSON.stringify(population) })

  const printed = await simulate('--population', `${dir}/mine.json`, '--hours', '0.1', '--out', `${dir}/out`)

  t.match(printed, /^0\.1 h of MINE\/XYZ with seed 1: \d+ commands, \d+ trades\n/)
})

t.test('what cannot be simulated is refused in a sentence that names it', async (t) => {
  const dir = t.testdir({
    used: { journal: { 'x.log': '' } },
    'bad.json': '{"venue":"A","symbol":"B","traders":[{"kind":"maker","pause":0}]}',
  })
  const fresh = ['--out', `${dir}/fresh`]

  await t.rejects(simulate(), /simulate needs --out DIR/)
  await t.rejects(simulate('--out', `${dir}/used`), /used holds a journal already/)
  await t.rejects(simulate(...fresh, '--hours', '0'), /--hours: "0" is not a number from 0.01 to 10000/)
  await t.rejects(simulate(...fresh, '--hours', 'x'), /--hours: "x" is not a number/)
  await t.rejects(
    simulate(...fresh, '--seed', '-1'),
    /--seed: "-1" is not a whole number from 0 to 4294967295/,
  )
  await t.rejects(
    simulate('--out', `${dir}/bad.json`),
    /bad\.json cannot be written \(EEXIST\): choose another --out/,
  )
  await t.rejects(simulate('--out', `${dir}/bad.json/in/it`), /in\/it cannot be written \(ENOTDIR\)/)
  if (existsSync('/proc/self'))
    await t.rejects(simulate('--out', '/proc/nothing/here'), /here cannot be written \(ENOENT\)/)
  await t.rejects(simulate(...fresh, '--port', '1'), { message: /knows no --port/, exitCode: 2 })
  await t.rejects(simulate('--out'), /--out needs a value/)
  await t.rejects(
    simulate(...fresh, '--population', `${dir}/bad.json`),
    /bad\.json: traders\.0\.pause: 0 is not a number/,
  )
  await t.rejects(
    simulate(...fresh, '--population', `${dir}/none.json`),
    /cannot read .*none\.json": no such file/,
  )
  t.notOk(existsSync(`${dir}/fresh`))
  t.match(await simulate('--help'), /usage: stockyard simulate/)
})
