import { onNextFrame } from './frame.ts'

/** Something that is shown. Who watches it is told of changes at most once a frame. */
export class Watched {
  readonly #watchers = new Set<() => void>()
  #version = 0

  /** Counts the changes. */
  get version(): number {
    return this.#version
  }

  /** Returns a way to stop it. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher)
    return () => void this.#watchers.delete(watcher)
  }

  protected changed(): void {
    this.#version += 1
    for (const watcher of this.#watchers) onNextFrame(watcher)
  }
}
