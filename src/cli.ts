#!/usr/bin/env node
import type { CxgameFlags } from './config/cxgame-flags.ts'
import { type Flags, readFlags } from './config/flags.ts'
import { cxgameHelp, help } from './config/help.ts'
import { Refusal } from './config/settings.ts'

// What only a start needs is loaded only then: help and version answer at once.
try {
  const words = process.argv.slice(2)
  if (words[0] === 'journal') await journal(words.slice(1))
  else if (words[0] === 'simulate') await simulate(words.slice(1))
  else if (words[0] === 'report') await report(words.slice(1))
  else if (words[0] === 'terminal') await terminal(words.slice(1))
  else if (words[0] === 'cxgame') await runCxgame(words.slice(1))
  else await run(readFlags(words))
} catch (error) {
  if (error instanceof Refusal) process.stderr.write(`stockyard: ${error.message}\n`)
  else console.error(error)
  process.exitCode = error instanceof Refusal ? error.exitCode : 1
}

async function runCxgame(words: readonly string[]): Promise<void> {
  const { readCxgameFlags } = await import('./config/cxgame-flags.ts')
  const game = readCxgameFlags(words)
  await run(readFlags(game.rest), game)
}

async function run(flags: Flags, game?: CxgameFlags): Promise<void> {
  if (flags.wants === 'help') process.stdout.write(game === undefined ? help() : cxgameHelp())
  else if (flags.wants === 'version') {
    const { readVersion } = await import('./version.ts')
    process.stdout.write(`${readVersion()}\n`)
  } else {
    const { loadConfig } = await import('./config/config.ts')
    const config = await loadConfig(flags, process.env, game?.given)
    for (const notice of config.notices) process.stderr.write(`stockyard: ${notice}\n`)
    const { serve } = await import('./server.ts')
    await serve(config)
  }
}

async function simulate(words: readonly string[]): Promise<void> {
  const { runSimulateCommand } = await import('./simulate-cli.ts')
  const { stdout, stderr } = process
  await runSimulateCommand(
    words,
    (text) => stdout.write(text),
    (text) => stderr.write(text),
  )
}

async function terminal(words: readonly string[]): Promise<void> {
  const { runTerminal, TerminalRefusal } = await import('../terminal/cli.ts')
  try {
    process.exitCode = await runTerminal(words)
  } catch (error) {
    throw error instanceof TerminalRefusal ? new Refusal(error.message, error.exitCode) : error
  }
}

async function journal(words: readonly string[]): Promise<void> {
  const { runJournalCommand } = await import('./journal-cli.ts')
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    // A reader such as `head` has seen enough.
    process.exit(code === 'EPIPE' ? 0 : 1)
  })
  await runJournalCommand(words, (text) => process.stdout.write(text))
}

async function report(words: readonly string[]): Promise<void> {
  const { runReportCommand } = await import('./report-cli.ts')
  const { stdout, stderr } = process
  runReportCommand(
    words,
    (text) => stdout.write(text),
    (text) => stderr.write(text),
  )
}
