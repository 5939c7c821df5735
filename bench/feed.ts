import { alternate, type Bench, type BenchOptions, ratios } from './bench.ts'
import { fanOut } from './fan-out.ts'
import { ordersPerSecond, sampleLatency } from './latency.ts'
import { type Measure, median, number } from './report.ts'

const readers = 100

/** The book of a busy symbol to many, and how soon they hear of an order. */
export const feed: Bench = {
  name: 'feed',
  async run(options) {
    return [...(await fanOut('book', 1000, { must: 5 }, options)), await soon(options)]
  },
}

/** From when an order was due until each of the readers has it, of what it takes to be answered when nobody reads. */
async function soon({ rounds, quick, progress }: BenchOptions): Promise<Measure> {
  const of = (readers: number) => async () => {
    progress(`orders at ${number(ordersPerSecond)}/s, ${readers} readers`)
    return sampleLatency({ who: 'stockyard-durable' }, { seconds: quick ? 3 : 10, readers })
  }
  const [alone, read] = await alternate(rounds, [of(0), of(readers)])
  const answered = alone.map(({ answers }) => answers.p99)
  const heard = read.map(({ messages }) => (messages as { p99: number }).p99)
  const notes = [
    `${number(median(heard))} ms, the answer ${number(median(read.map(({ answers }) => answers.p99)))} ms`,
    `and without readers ${number(median(answered))} ms`,
  ]
  return {
    what: `p99 from an order to ${readers} readers at ${number(ordersPerSecond)}/s, of its durable answer`,
    unit: '×',
    must: 3,
    atMost: true,
    rounds: ratios(heard, answered),
    note: notes.join(', '),
  }
}
