import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Command, Place } from '../../src/domain/command.ts'
import { lots, ticks } from '../../src/domain/units.ts'
import { defaultRules } from '../../src/domain/venue.ts'
import { type OpenData, openData } from '../../src/durable/data-directory.ts'
import { dataPaths } from '../../src/durable/data-paths.ts'
import { openInlineWriter } from '../../src/log/file-log.ts'
import { nodeFileSystem as files } from '../../src/log/file-system.ts'
import { listSegments, segmentSize } from '../../src/log/segment.ts'
import { writeSnapshot } from '../../src/log/snapshot.ts'
import { runReportCommand } from '../../src/report-cli.ts'
import { createTestClock, type TestClock } from '../support/app.ts'
import { cashVenue, coin, limit, spend } from '../support/cash.ts'

interface Session extends OpenData {
  readonly directory: string
  readonly clock: TestClock
  /** Runs a command some seconds after the start. */
  at(seconds: number, command: Command): Promise<void>
  close(): Promise<void>
}

async function begin(t: Test, name = 'session', size = segmentSize): Promise<Session> {
  const directory = join(t.testdir(), name)
  const clock = createTestClock()
  const start = clock.now
  const data = await openData({
    directory,
    clock,
    warn: (text) => t.fail(text),
    openWriter: (journal, end) => openInlineWriter(files)(journal, end, size),
  })
  const close = async () => {
    if (data.shard.isOpen) await data.shard.close()
    await data.release()
  }
  t.teardown(close)
  return {
    ...data,
    directory,
    clock,
    close,
    async at(seconds, command) {
      clock.now = start + seconds * 1e6
      const reason = await data.shard.submit(command, ({ events }) =>
        events.find(({ type }) => type === 'rejected'),
      )
      if (reason !== undefined) throw new Error(JSON.stringify(reason))
    },
  }
}

const order = (
  account: string,
  side: 'buy' | 'sell',
  price: number,
  quantity: number,
  symbol = 'FOO',
): Place => ({
  type: 'place',
  venue: 'TESTEX',
  symbol,
  account,
  side,
  orderType: 'limit',
  timeInForce: 'gtc',
  price: ticks(price),
  quantity: lots(quantity),
  autoCreate: true,
})

/** Two minutes in which ALICE and BOB quote, and CAROL buys high and sells low. */
async function trade({ at }: Session): Promise<void> {
  await at(0, order('ALICE', 'sell', 105, 10))
  await at(0, order('BOB', 'buy', 101, 10))
  await at(1, order('CAROL', 'buy', 105, 4))
  await at(2, order('CAROL', 'sell', 101, 4))
  await at(65, { type: 'cancel', venue: 'TESTEX', orderId: 1 })
  await at(65.5, order('ALICE', 'sell', 107, 10))
  await at(125, order('BOB', 'buy', 100, 1))
}

/** What `stockyard report` prints. */
function report(...words: string[]): string {
  let text = ''
  runReportCommand(
    words,
    (more) => {
      text += more
    },
    () => undefined,
  )
  return text
}

const textOf = (html: string) =>
  html
    .replace(/<style>.*<\/style>/s, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')

function contentOf(directory: string): Record<string, string> {
  const names = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  )
  return Object.fromEntries(
    names.map(({ parentPath, name }) => [
      join(parentPath, name),
      readFileSync(join(parentPath, name), 'hex'),
    ]),
  )
}

t.test('a session becomes one page that asks for nothing, beside a server and without a trace', async (t) => {
  const session = await begin(t)
  await trade(session)
  const before = contentOf(session.directory)

  const html = report(session.directory, '--out', '-')

  t.strictSame(contentOf(session.directory), before)
  t.match(html, /^<!doctype html>\n<html lang="en">/)
  t.match(html.trim(), /<\/html>$/)
  t.notMatch(html, /<script|<link|https?:|src=|url\(|@import|undefined|NaN/)
  t.strictSame(
    [...html.matchAll(/<figcaption><b>([^<]+)/g)].map(([, title]) => title),
    ['Price', 'Volume, each 1 s', 'Spread, in ticks', 'Depth, best 10 levels'],
  )
  const text = textOf(html)
  t.match(text, 'TESTEX / FOO 21 November 2026, 09:30:00 to 09:32:05 · 2 min 5 s')
  t.match(text, 'Last price 1.01 −3.81% since the first trade')
  t.match(text, 'Mid price 1.03 – 1.04')
  t.match(text, 'Trades 2 of 6 orders Volume 8')
  t.equal(report(session.directory, '--out', '-'), html, 'the same journal gives the same page')
})

t.test('each fact has its figure, its band and its mark', async (t) => {
  const session = await begin(t)
  await trade(session)

  const html = report(session.directory, '--out', '-')

  const rows = [
    ...html.matchAll(/<tr><td>(.*?)<\/td><td>(.*?)<\/td><td>(.*?)<\/td><td><span class="mark (\w+)/g),
  ]
  t.strictSame(
    rows.map(([, name, measured, , verdict]) => [name, measured?.replace(/<small>.*/, ''), verdict]),
    [
      ['Excess kurtosis of one-minute returns', '–', 'short'],
      ['Autocorrelation of returns, lag 1', '–', 'short'],
      ['Autocorrelation of absolute returns, lag 1', '–', 'short'],
      // 4 ticks for 65 seconds, and 6 for the 60 that ended with the other ask.
      ['Median spread', '4 ticks', 'short'],
      ['Trades a second', '0.02', 'short'],
      ['Trades a second in the quietest minute', '0.00', 'short'],
      ['Longest time with an empty side', '500 ms', 'short'],
      ['Levels a side', 'bids 1, asks 1', 'short'],
      ['Range of the mid price', '1.03 to 1.04', 'short'],
    ],
  )
})

t.test('after a while figures are judged', async (t) => {
  const session = await begin(t)
  await trade(session)
  await session.at(1000, { type: 'cancel', venue: 'TESTEX', orderId: 2 })

  const html = report(session.directory, '--out', '-')

  const verdicts = [...html.matchAll(/class="mark (\w+)/g)].map(([, verdict]) => verdict)
  t.strictSame(verdicts.slice(0, 3), ['short', 'short', 'short'])
  t.strictSame(verdicts.slice(3), ['outside', 'outside', 'outside', 'within', 'outside', 'within'])
})

t.test('the table of profits adds up, and the best comes first', async (t) => {
  const session = await begin(t)
  await trade(session)

  const html = report(session.directory, '--out', '-')

  const table = html.slice(html.indexOf('class="profits"'))
  const cells = [...table.matchAll(/<tr><td>(\w+)<\/td>.*?<\/tr>/g)].map(([row]) =>
    textOf(row).trim().split(' '),
  )
  t.strictSame(cells, [
    ['ALICE', '1', '1', '4', '−4', '+$0.16'],
    ['BOB', '1', '1', '4', '4', '$0.00'],
    ['CAROL', '1', '2', '8', '0', '−$0.16'],
  ])
})

t.test('where accounts hold money, it is told in their units', async (t) => {
  const session = await begin(t)
  for (const command of cashVenue('ALICE', 'BOB')) await session.at(0, command)
  await session.at(1, limit('ALICE', 'sell', 100_000, coin / 4))
  await session.at(1, limit('ALICE', 'sell', 110_000, coin))
  // A quarter of a coin at 1,000 dollars, and for the other 300 dollars some at 1,100.
  await session.at(2, spend('BOB', 55_000n))

  const text = textOf(report(session.directory, '--out', '-'))

  t.match(text, 'CXGAME / CRYPTO')
  t.match(text, 'Last price 1,100.00 +10.00% since the first trade')
  t.match(text, 'Volume 0.5227272727')
  t.match(
    text,
    'BOB 1 2 0.5227272727 0.5227272727 +25.00 USD ALICE 1 2 0.5227272727 −0.5227272727 −25.00 USD',
  )
})

t.test('names are escaped', async (t) => {
  const session = await begin(t, `<b>&"it's`)
  await trade(session)

  const html = report(session.directory, '--out', '-')

  t.match(html, '<title>&lt;b&gt;&amp;&quot;it&#39;s: market report</title>')
  t.notMatch(html, '<b>&')
})

t.test('of many books the busiest are shown; one can be asked for', async (t) => {
  const session = await begin(t)
  await trade(session)
  for (let n = 1; n <= 7; n += 1) {
    for (let i = 0; i < n; i += 1) await session.at(200, order('DAVE', 'buy', 50, 1, `S${n}`))
  }

  const all = report(session.directory, '--out', '-')
  const one = report(session.directory, '--out', '-', '--venue=TESTEX', '--symbol', 'S2')

  const headings = (html: string) =>
    [...html.matchAll(/<h2>([^<]+)/g)].map(([, text]) => text?.replace('TESTEX / ', ''))
  t.strictSame(headings(all), ['FOO', 'S7', 'S6', 'S5', 'S4', 'Less busy'])
  t.match(textOf(all), 'TESTEX / S3 3 0 TESTEX / S2 2 0 TESTEX / S1 1 0')
  t.strictSame(headings(one), ['S2'])
})

t.test('a reset of the venue begins its books anew; a venue that was dropped is still shown', async (t) => {
  const session = await begin(t)
  await trade(session)
  await session.at(131, { type: 'reset-venue', venue: 'TESTEX' })
  t.match(textOf(report(session.directory, '--out', '-')), 'Trades 2 of 6 orders')
  await session.at(132, { type: 'set-state', venue: 'TESTEX', state: 'open' })
  await session.at(140, order('EVE', 'buy', 100, 1))
  await session.at(150, { type: 'drop-venue', venue: 'TESTEX' })

  const text = textOf(report(session.directory, '--out', '-'))

  t.match(text, '09:32:20 to 09:32:30 · 10 s')
  t.match(text, 'Trades 0 of 1 orders')
})

t.test('a half-written frame is left out; damage is refused with its place', async (t) => {
  const session = await begin(t)
  await trade(session)
  const html = report(session.directory, '--out', '-')
  const [segment] = listSegments(files, session.paths.journal)
  const path = segment?.path as string

  appendFileSync(path, 'SYFR half a frame')
  t.equal(report(session.directory, '--out', '-'), html)

  const bytes = readFileSync(path)
  bytes[100] = (bytes[100] as number) ^ 1
  writeFileSync(path, bytes)
  t.throws(() => report(session.directory, '--out', '-'), {
    message: /0000000000000001\.log is damaged at byte 32/,
  })
})

t.test('a journal that was cut goes on from the oldest snapshot, and the page says so', async (t) => {
  const session = await begin(t, 'session', 600)
  await trade(session)
  writeSnapshot(files, session.paths.snapshots, session.shard.sequence, session.shard.save())
  for (let n = 0; n < 20; n += 1)
    await session.at(140 + n, order('CAROL', n % 2 === 0 ? 'buy' : 'sell', 107 - 6 * (n % 2), 1))
  const segments = listSegments(files, session.paths.journal)
  for (const { path } of segments.slice(
    0,
    segments.findLastIndex(({ first }) => first <= 8),
  ))
    rmSync(path)
  t.ok((listSegments(files, session.paths.journal)[0]?.first ?? 1) > 1, 'the journal begins later')

  const text = textOf(report(session.directory, '--out', '-'))

  t.match(text, 'Not from the beginning: the journal no longer reaches back to it.')
  t.match(text, 'counts from 21 November 2026, 09:32:05 UTC on')
  t.match(text, 'Trades 16 of 20 orders')

  rmSync(session.paths.snapshots, { recursive: true })
  t.throws(() => report(session.directory, '--out', '-'), {
    message: /journal begins with command \d+, and no sound snapshot has what came before it$/,
  })
})

t.test('the page goes into a file, and what cannot be done is told in one line', async (t) => {
  const session = await begin(t)
  const { directory } = session
  const out = join(directory, '../made.html')
  await session.at(0, { type: 'create-venue', venue: 'TESTEX', rules: defaultRules })
  t.throws(() => report(directory, '--out', out), { message: /^nobody has traded in .*session yet/ })
  await trade(session)

  t.equal(report(directory, `--out=${out}`), `${out}\n`)

  t.match(readFileSync(out, 'utf8'), 'TESTEX / FOO')
  t.notOk(existsSync(join(directory, 'report.html')))
  t.match(report('--help'), /^usage: stockyard report/)
  const empty = join(directory, '../empty')
  mkdirSync(dataPaths(empty).journal, { recursive: true })
  const refused: [string[], RegExp][] = [
    [[empty], /^no journal in .*empty$/],
    [[directory, '--venue', 'OTHEREX'], /^no orders for venue OTHEREX in .*: it has TESTEX\/FOO$/],
    [[directory, '--symbol', 'BAR', '--venue', 'TESTEX'], /^no orders for venue TESTEX and symbol BAR in /],
    [[directory, '--simbol', 'BAR'], /^report knows no --simbol: is it --symbol\?$/],
    [[directory, '--out'], /^--out needs a value$/],
    [[directory, '--out', join(directory, 'no/such/place.html')], /^--out: there is no directory .*such$/],
    [[directory, 'other'], /^report takes one directory, not 2$/],
  ]
  for (const [words, message] of refused)
    t.throws(() => report(...words), { message, exitCode: Number }, words.join(' '))
})
