import type { Measure } from './report.ts'

export interface BenchOptions {
  readonly rounds: number
  /** Less of everything: to see that it works, not what it measures. */
  readonly quick: boolean
  /** Says on the terminal what is being done. */
  readonly progress: (text: string) => void
}

/** Something that `npm run bench` can run by name. */
export interface Bench {
  readonly name: string
  run(options: BenchOptions): Promise<Measure[]>
}

/**
 * Runs two or more things in alternation, in the other order every second round, so that a machine that slows down
 * in between hurts all alike. Gives what each returned, by round.
 */
export async function alternate<const Runs extends readonly (() => Promise<unknown>)[]>(
  rounds: number,
  runs: Runs,
): Promise<{ [K in keyof Runs]: Awaited<ReturnType<Runs[K]>>[] }> {
  const results = runs.map((): unknown[] => [])
  for (let round = 0; round < rounds; round += 1) {
    const order = runs.map((_, i) => i)
    if (round % 2 === 1) order.reverse()
    for (const i of order) (results[i] as unknown[])[round] = await (runs[i] as () => Promise<unknown>)()
  }
  return results as { [K in keyof Runs]: Awaited<ReturnType<Runs[K]>>[] }
}

/** Divides round by round. */
export function ratios(ours: readonly number[], theirs: readonly number[]): number[] {
  return ours.map((n, i) => n / (theirs[i] as number))
}
