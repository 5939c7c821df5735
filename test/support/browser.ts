import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import type { Test } from 'tap'

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Where Chromium is; put there first where we may. Undefined where there is none. */
export function findChromium(): string | undefined {
  const find = () => places.find((place) => existsSync(place))
  return find() ?? (installChromium() ? find() : undefined)
}

/** As root on Debian; nowhere else are we asked to change the machine. */
function installChromium(): boolean {
  if (process.getuid?.() !== 0) return false
  // One at a time: several test files may come here at once, and whoever waited finds that it is done.
  const lock = join(tmpdir(), 'stockyard-chromium.lock')
  const install = `test -x ${places[0]} || {
    apt-get -qq update && apt-get -qq install --yes --no-install-recommends chromium
  }`
  const { status } = spawnSync('flock', [lock, 'sh', '-c', install], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return status === 0
}

const flags = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** A browser without a window. Root has to do without its sandbox. */
export function launchChromium(executablePath: string): Promise<Browser> {
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  return chromium.launch({ executablePath, args: [...flags, ...sandbox] })
}

/** The same, closed when the test ends. */
export async function startBrowser(t: Pick<Test, 'teardown'>, executablePath: string): Promise<Browser> {
  const browser = await launchChromium(executablePath)
  t.teardown(() => browser.close())
  return browser
}
