#!/usr/bin/env node
import { readFlags } from './flags.ts'
import { help } from './help.ts'
import { Refusal } from './settings.ts'

// What only a start needs is loaded only then: help and version answer at once.
try {
  const flags = readFlags(process.argv.slice(2))
  if (flags.wants === 'help') process.stdout.write(help())
  else if (flags.wants === 'version') {
    const { readVersion } = await import('./version.ts')
    process.stdout.write(`${readVersion()}\n`)
  } else {
    const { loadConfig } = await import('./config.ts')
    const config = await loadConfig(flags, process.env)
    for (const notice of config.notices) process.stderr.write(`stockyard: ${notice}\n`)
    const { serve } = await import('./server.ts')
    await serve(config)
  }
} catch (error) {
  if (error instanceof Refusal) process.stderr.write(`stockyard: ${error.message}\n`)
  else console.error(error)
  process.exitCode = error instanceof Refusal ? error.exitCode : 1
}
