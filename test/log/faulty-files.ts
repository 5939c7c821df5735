import { basename, dirname } from 'node:path'
import type { FileSystem } from '../../src/log/file-system.ts'

const sectorSize = 512

interface File {
  /** What reads see. */
  bytes: Buffer
  /** How much of it is surely on the disk. */
  synced: number
}

/** What goes wrong, decided call by call. `random` gives 0 ≤ n < 1 and makes a run repeatable. */
export interface Faults {
  readonly random: () => number
  /** Chance that a write takes fewer bytes than it was given. */
  readonly shortWrite?: number
  /** The call of `write`, `sync` or `syncDirectory` that fails, counted from 1. */
  readonly failAt?: number
  /** The call of `write`, `sync` or `syncDirectory` at which the machine stops. */
  readonly crashAt?: number
}

/** The machine stopped in the middle of a call. */
class Crash extends Error {}

/**
 * A disk in memory that fails and forgets as real ones may: short writes, errors, and at a crash any subset of the
 * 512-byte sectors that were not synced. Appends only, as the journal does.
 */
export class FaultyFiles implements FileSystem {
  readonly #files = new Map<string, File>()
  /** Names that are surely in their directory. */
  readonly #names = new Set<string>()
  readonly #open = new Map<number, string>()
  #faults: Faults
  #calls = 0
  #handles = 0
  #crashed = false

  constructor(faults: Faults) {
    this.#faults = faults
  }

  /** The calls so far that could have failed. */
  get calls(): number {
    return this.#calls
  }

  list(directory: string): string[] {
    return [...this.#files.keys()].filter((path) => dirname(path) === directory).map((path) => basename(path))
  }

  makeDirectory(): void {}

  read(path: string): Buffer {
    return Buffer.from(this.#file(path).bytes)
  }

  readAt(path: string, position: number, length: number): Buffer {
    return this.read(path).subarray(position, position + length)
  }

  size(path: string): number {
    return this.#file(path).bytes.length
  }

  openToAppend(path: string): number {
    if (!this.#files.has(path)) this.#files.set(path, { bytes: Buffer.alloc(0), synced: 0 })
    this.#handles += 1
    this.#open.set(this.#handles, path)
    return this.#handles
  }

  write(handle: number, bytes: Uint8Array): number {
    const file = this.#file(this.#open.get(handle) as string)
    const { random, shortWrite = 0 } = this.#faults
    const count = random() < shortWrite ? 1 + Math.floor(random() * bytes.length) : bytes.length
    const append = (n: number) => {
      file.bytes = Buffer.concat([file.bytes, bytes.subarray(0, n)])
    }
    this.#call('ENOSPC: no space left on device', () => append(Math.floor(random() * bytes.length)))
    append(count)
    return count
  }

  sync(handle: number): void {
    this.#call('EIO: input/output error')
    const file = this.#file(this.#open.get(handle) as string)
    file.synced = file.bytes.length
  }

  syncDirectory(directory: string): void {
    this.#call('EIO: input/output error')
    for (const path of this.#files.keys()) if (dirname(path) === directory) this.#names.add(path)
  }

  truncate(path: string, length: number): void {
    const file = this.#file(path)
    file.bytes = file.bytes.subarray(0, length)
    file.synced = length
  }

  rename(from: string, to: string): void {
    this.#files.set(to, this.#file(from))
    this.#files.delete(from)
  }

  remove(path: string): void {
    this.#files.delete(path)
    this.#names.delete(path)
  }

  close(handle: number): void {
    this.#open.delete(handle)
  }

  /** Flips one bit of a file. */
  flip(path: string, bit: number): void {
    const { bytes } = this.#file(path)
    const index = bit >> 3
    bytes[index] = (bytes[index] as number) ^ (1 << (bit & 7))
  }

  /** The disk as the next start finds it when only the process was killed: what it wrote is there. */
  afterKill(faults: Faults): FaultyFiles {
    const next = new FaultyFiles(faults)
    for (const [path, { bytes }] of this.#files) {
      next.#files.set(path, { bytes: Buffer.from(bytes), synced: bytes.length })
      next.#names.add(path)
    }
    return next
  }

  /** The same when the machine has stopped. */
  afterCrash(faults: Faults): FaultyFiles {
    const { random } = this.#faults
    const next = new FaultyFiles(faults)
    for (const [path, { bytes, synced }] of this.#files) {
      if (!this.#names.has(path) && random() < 0.5) continue
      const length = synced + Math.floor(random() * (bytes.length - synced + 1))
      const kept = Buffer.from(bytes.subarray(0, length))
      for (let start = synced; start < length; start = (Math.floor(start / sectorSize) + 1) * sectorSize) {
        const end = Math.min(length, (Math.floor(start / sectorSize) + 1) * sectorSize)
        if (random() < 0.5) kept.fill(0, start, end)
      }
      next.#files.set(path, { bytes: kept, synced: length })
      next.#names.add(path)
    }
    return next
  }

  /** Counts a call that can go wrong; `partly` does what is done of it before it fails. */
  #call(error: string, partly: () => void = () => {}): void {
    this.#calls += 1
    if (this.#crashed || this.#calls === this.#faults.crashAt) {
      this.#crashed = true
      partly()
      throw new Crash('the machine has stopped')
    }
    if (this.#calls === this.#faults.failAt) {
      partly()
      throw new Error(error)
    }
  }

  #file(path: string): File {
    const file = this.#files.get(path)
    if (file === undefined) throw new Error(`ENOENT: no such file, ${path}`)
    return file
  }
}
