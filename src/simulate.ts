import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Population } from '../schemas/population.ts'
import { Driver } from '../traders/driver.ts'
import { createPopulation, founding } from '../traders/population.ts'
import { runVirtual } from '../traders/virtual-time.ts'
import type { SequencedCommand } from './domain/command.ts'
import { micros } from './domain/units.ts'
import { defaultLimits, unlimited } from './domain/venue.ts'
import { ensureWritable } from './durable/data-directory.ts'
import { dataPaths } from './durable/data-paths.ts'
import { type FileSystem, nodeFileSystem } from './log/file-system.ts'
import { checksumOf, encodeFrame } from './log/frame.ts'
import { JournalWriter } from './log/journal-writer.ts'
import { lockDirectory } from './log/lock.ts'
import { writeAll } from './log/replace-file.ts'
import { listSegments } from './log/segment.ts'
import { VirtualFloor } from './virtual-floor.ts'

/** When every simulation begins: so that the same seed gives the same journal. */
const start = micros(Date.UTC(2026, 0, 5, 14, 30) * 1000)
/** How much virtual time passes between two words about it, in microseconds. */
const stretch = 60_000_000
/** Bytes of the journal that are written at once. */
const pieceSize = 256 * 1024

export interface Simulation {
  readonly population: Population
  /** Of virtual time. */
  readonly hours: number
  readonly seed: number
  /** Becomes a data directory. */
  readonly directory: string
  /** Told now and then how many hours and commands are done. */
  readonly progress: (hours: number, commands: number) => void
}

export interface SimulationResult {
  readonly commands: number
  readonly trades: number
  /** The SHA-256 of all segments of the journal. */
  readonly hash: string
}

/**
 * Runs a population in virtual time, as fast as the machine goes, and leaves the journal that a server would have
 * written. Throws an Error with one clear sentence when the directory cannot be used.
 */
export async function simulate(simulation: Simulation): Promise<SimulationResult> {
  const paths = dataPaths(simulation.directory)
  for (const directory of [paths.journal, paths.snapshots, paths.history]) {
    if (nodeFileSystem.list(directory).length > 0)
      throw new Error(`${paths.root} holds a journal already: a simulation begins a new one`)
  }
  ensureWritable(paths.root, '--out')
  nodeFileSystem.makeDirectory(paths.journal)
  const release = await lockDirectory(paths.root)
  try {
    const journal = new Journal(paths.journal)
    const result = await run(simulation, journal)
    journal.close()
    const hash = createHash('sha256')
    for (const { path } of listSegments(nodeFileSystem, paths.journal)) hash.update(readFileSync(path))
    return { ...result, hash: hash.digest('hex') }
  } finally {
    await release()
  }
}

async function run(
  { population, hours, seed, progress }: Simulation,
  journal: Journal,
): Promise<Omit<SimulationResult, 'hash'>> {
  const { venue, symbol } = population
  const traders = createPopulation(population)
  let commands = 0
  let trades = 0
  const floor = new VirtualFloor(start, (command) => {
    commands += 1
    journal.add(command)
  })
  floor.attach({
    event({ type }) {
      if (type === 'trade') trades += 1
    },
    applied() {},
    release() {},
  })
  // As a server has it that keeps closed orders on disk.
  floor.run({ type: 'set-limits', limits: { ...defaultLimits, closedOrders: unlimited } })
  for (const command of founding(population, traders)) floor.run(command)
  const driver = new Driver({ exchange: floor, venue, symbol, traders, seed, start })
  const end = start + Math.round(hours * 3_600_000_000)
  for (let until = start + stretch; floor.clock.now < end; until += stretch) {
    await runVirtual([driver], floor.clock, micros(Math.min(until, end)))
    progress((floor.clock.now - start) / 3_600_000_000, commands)
  }
  floor.checkpoint()
  return { commands, trades }
}

/** Writes a new journal: what has one time is one frame. It is on the disk when it is closed, not before. */
class Journal {
  readonly #writer: JournalWriter
  #checksum = 0
  #batch: SequencedCommand[] = []

  constructor(directory: string) {
    this.#writer = new JournalWriter(createLazyFiles(), directory, { next: 1, checksum: 0 })
  }

  add(command: SequencedCommand): void {
    if (this.#batch[0] !== undefined && this.#batch[0].time !== command.time) this.#write()
    this.#batch.push(command)
  }

  close(): void {
    if (this.#batch.length > 0) this.#write()
    this.#writer.close()
  }

  #write(): void {
    const frame = encodeFrame(this.#batch, this.#checksum)
    this.#checksum = checksumOf(frame)
    this.#writer.append(frame, this.#batch.length)
    this.#batch = []
  }
}

/**
 * Writes in large pieces, and syncs a file when it is closed, not at each frame: nobody is told of an order before the
 * end. One file is open at a time.
 */
function createLazyFiles(): FileSystem {
  let waiting: Uint8Array[] = []
  let size = 0
  const write = (file: number) => {
    writeAll(nodeFileSystem, file, Buffer.concat(waiting))
    waiting = []
    size = 0
  }
  return {
    ...nodeFileSystem,
    write(file, bytes) {
      waiting.push(bytes)
      size += bytes.length
      if (size >= pieceSize) write(file)
      return bytes.length
    },
    sync() {},
    close(file) {
      write(file)
      nodeFileSystem.sync(file)
      nodeFileSystem.close(file)
    },
  }
}
