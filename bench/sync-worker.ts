import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { answer, input } from './process.ts'

export interface SyncResult {
  /** Milliseconds to append a small frame and to sync it. */
  readonly p99: number
}

const { count } = input<{ count: number }>()
const folder = mkdtempSync(new URL('data-', import.meta.url).pathname)
const file = openSync(`${folder}/journal`, 'a')
const frame = Buffer.alloc(256, 'x')
const times: number[] = []
for (let i = 0; i < count; i += 1) {
  const start = performance.now()
  writeSync(file, frame)
  fdatasyncSync(file)
  times.push(performance.now() - start)
}
closeSync(file)
rmSync(folder, { recursive: true })
times.sort((a, b) => a - b)
answer({ p99: times[Math.floor(count * 0.99)] as number } satisfies SyncResult)
