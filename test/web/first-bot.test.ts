import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { findChromium, startBrowser } from '../support/browser.ts'

t.setTimeout(120_000)

const root = fileURLToPath(new URL('../..', import.meta.url))
const guide = readFileSync(`${root}docs/first-bot.md`, 'utf8')
const blocks = (language: string) =>
  [...guide.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))].map(([, code]) => code as string)

/** Runs a command as it stands in the guide. It is a group of processes, as in a terminal. */
function run(t: Test, command: string, options: { cwd: string; env?: Record<string, string> }) {
  const { PATH = '', HOME = '' } = process.env
  const child = spawn('bash', ['-c', command], {
    ...options,
    env: { PATH, HOME, ...options.env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = once(child, 'close')
  t.teardown(async () => {
    stop(child, 'SIGKILL')
    await ended
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += `${data}`))
  return {
    /** Ctrl-C. */
    async interrupt() {
      stop(child, 'SIGINT')
      await ended
      return output
    },
    /** Waits until it has said something, and gives it. */
    async said(pattern: RegExp): Promise<string> {
      for (;;) {
        const [found] = pattern.exec(output) ?? []
        if (found !== undefined) return found
        if (child.exitCode !== null) throw new Error(`it ended: ${output}`)
        await Promise.race([once(child.stdout, 'data'), ended])
      }
    },
  }
}

function stop({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    process.kill(-(pid as number), signal)
  } catch {
    // It is gone.
  }
}

t.test('the guide to a first bot does what it says', async (t) => {
  const [startCommand, botCommand, order] = blocks('sh') as [string, string, string]
  const [program] = blocks('ts') as [string]
  const folder = t.testdir()
  const exchange = run(t, startCommand, {
    cwd: root,
    env: { STOCKYARD_PORT: '0', STOCKYARD_DATA: `${folder}/data` },
  })
  const url = (await exchange.said(/http:\/\/127\.0\.0\.1:\d+/)) as string
  const here = (text: string) =>
    text.replaceAll('http://127.0.0.1:8000', url).replace('./sdk/', `${root}sdk/`)
  writeFileSync(`${folder}/my-bot.ts`, here(program))

  const bot = run(t, botCommand, { cwd: folder })
  await bot.said(/order 1: buy 100 at 4990\norder 2: sell 100 at 5010/)
  await promisify(execFile)('bash', ['-euc', here(order)])
  await bot.said(/traded 100 at 5010\norder 4: sell 100 at 5010/)

  const chromium = findChromium()
  if (chromium === undefined) t.comment('there is no Chromium to see it on screen')
  else {
    const page = await (await startBrowser(t, chromium)).newPage()
    await page.goto(url)
    const book = page.getByRole('region', { name: 'Book' })
    await book.getByRole('row', { name: 'Bid 49.90' }).waitFor()
    await book.getByRole('row', { name: 'Ask 50.10' }).waitFor()
    await page
      .getByRole('region', { name: 'Trades' })
      .getByRole('row', { name: 'bought at 50.10 100' })
      .waitFor()
    await page.getByRole('tab', { name: 'Scores' }).click()
    await page.getByRole('tabpanel').getByRole('row').filter({ hasText: 'MYBOT' }).waitFor()
  }

  t.notMatch(await bot.interrupt(), /rror/)
  const quote = await (await fetch(`${url}/ob/api/venues/TESTEX/stocks/FOOBAR/quote`)).json()
  t.match(quote, { bidDepth: 0, askDepth: 0, last: 5010 })
})
