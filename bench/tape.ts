import type { Bench } from './bench.ts'
import { fanOut } from './fan-out.ts'

/** The tape to many subscribers while orders flow. */
export const tape: Bench = {
  name: 'tape',
  async run(options) {
    return [
      ...(await fanOut('tape', 100, { must: 3, stretch: 5 }, options)),
      ...(await fanOut('tape', 1000, { must: 5, stretch: 12 }, options)),
    ]
  },
}
