import { cxgameKeys, cxgameOption, cxgameVariable } from './cxgame-options.ts'
import { environmentName, keys, settingOf } from './settings.ts'

const columns = 100
const helpIndent = 32

/** What `--help` prints. */
export function help(): string {
  const lines = keys.map((key) => {
    const { flag, aliases = [], kind, default: preset, help } = settingOf(key)
    const names = [`--${flag}`, ...aliases.map((alias) => (alias.length === 1 ? `-${alias}` : `--${alias}`))]
    return beside(`  ${names.join(', ')} ${kind.placeholder}`, `${help} (${preset})`)
  })
  return [
    'Usage: stockyard [flags]',
    '       stockyard cxgame [flags]                 with the cxgame game; see stockyard cxgame --help',
    '       stockyard simulate [flags]               a market in virtual time; see its --help',
    '       stockyard report [DIR] [flags]           what a market was like, as a page; see its --help',
    '       stockyard terminal [flags]               a terminal for the OceanEx door; see its --help',
    '       stockyard journal cat|verify|stat|void   for people; see stockyard journal --help',
    '',
    ...wrap(
      'A stock exchange for bots. Every flag can also be given as an environment variable (--max-books as STOCKYARD_MAX_BOOKS, lists with commas) or in a config file (maxBooks, lists as arrays), unless said otherwise; flags win over the environment, and that over the file. An on/off flag alone means on. Defaults stand in parentheses.',
      columns,
    ),
    '',
    ...lines,
    beside('  --help, -h', 'Print this'),
    beside('  --version', 'Print the version'),
    '',
  ].join('\n')
}

/** What `stockyard cxgame --help` prints. */
export function cxgameHelp(): string {
  const lines = cxgameKeys.map((key) => {
    const { flag, kind, default: preset, help } = cxgameOption(key)
    const names = flag === undefined ? '' : `--${flag.long}, -${flag.letter} ${kind.placeholder}`
    return beside(`  ${names || `${key} ${kind.placeholder}`}`, `${help} (${preset})`)
  })
  return [
    'Usage: stockyard cxgame [flags]',
    '',
    ...wrap(
      "Starts the exchange with the cxgame trading game. Single letters are the game's here; the flags of stockyard --help keep their long names. In a config file all of these stand in the section gateways.cxgame, as exchangePort, feedPort, bind, usdStart, cryptoStart, userLimit, timeLimit, whitelist, pemFile, sslVerify, adminSecret and isStarted, and in the environment as STOCKYARD_CXGAME_EXCHANGE_PORT and so on; those below without dashes only there. Flags win over the environment, and that over the file. Defaults stand in parentheses.",
      columns,
    ),
    '',
    ...lines,
    '',
  ].join('\n')
}

/** The table of the game's options in docs/configuration.md. */
export function cxgameTable(): string {
  const rows = cxgameKeys.map((key) => {
    const { flag, kind, default: preset, help } = cxgameOption(key)
    const flags = flag === undefined ? '' : `\`--${flag.long}\` \`-${flag.letter}\``
    const names = `\`${key}\` | ${flags} | \`${cxgameVariable(key)}\``
    return `| ${names} | ${kind.placeholder.replaceAll('|', '\\|')} | ${preset} | ${help} |`
  })
  return [
    '| file | flag | environment | | default | |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n')
}

function beside(left: string, text: string): string {
  const [first, ...rest] = wrap(text, columns - helpIndent)
  const indent = ' '.repeat(helpIndent)
  const start =
    left.length < helpIndent - 1 ? `${left.padEnd(helpIndent)}${first}` : `${left}\n${indent}${first}`
  return [start, ...rest.map((line) => indent + line)].join('\n')
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}

/** The table in docs/configuration.md. */
export function settingsTable(): string {
  const rows = keys.map((key) => {
    const { flag, aliases = [], kind, default: preset, help, only } = settingOf(key)
    const short = aliases.map((alias) => `\`${alias.length === 1 ? '-' : '--'}${alias}\``)
    const value = kind.placeholder.replaceAll('|', '\\|')
    const environment = only === 'flag' ? '' : `\`${environmentName(key)}\``
    const file = only === undefined ? `\`${key}\`` : ''
    return `| ${[`\`--${flag} ${value}\``, ...short].join(' ')} | ${environment} | ${file} | ${preset} | ${help} |`
  })
  return ['| flag | environment | file | default | |', '| --- | --- | --- | --- | --- |', ...rows].join('\n')
}
