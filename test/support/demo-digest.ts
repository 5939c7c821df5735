import { micros } from '../../src/domain/units.ts'
import { VirtualFloor } from '../../src/virtual-floor.ts'
import { demoPopulation } from '../../traders/demo.ts'
import { Driver } from '../../traders/driver.ts'
import { createPopulation, founding } from '../../traders/population.ts'
import { runVirtual } from '../../traders/virtual-time.ts'
import { MarketWatch } from './market-watch.ts'

// Prints the SHA-256 of an hour's fills of the demo venue: npx tsx test/support/demo-digest.ts SEED
const { venue, symbol } = demoPopulation
const start = micros(0)
const traders = createPopulation(demoPopulation)
const floor = new VirtualFloor(start)
for (const command of founding(demoPopulation, traders)) floor.run(command)
const watch = new MarketWatch(floor, venue, symbol, start, { hashes: true })
const driver = new Driver({ exchange: floor, venue, symbol, traders, seed: Number(process.argv[2]), start })
await runVirtual([driver], floor.clock, micros(3_600_000_000))
console.log(watch.digest)
