import { createHash } from 'node:crypto'
import type { Engine } from '../../src/engine/engine.ts'
import { loadEngine, type SavedRecord, saveEngine } from '../../src/engine/saved-state.ts'

/** A SHA-256 over everything an engine would save: equal states have equal hashes. */
export function stateHash(engine: Engine): string {
  return createHash('sha256').update(savedText(engine)).digest('hex')
}

/** What an engine saves, one JSON record a line. */
export function savedText(engine: Engine): string {
  return [...saveEngine(engine)].map((record) => JSON.stringify(record)).join('\n')
}

/** The engine that the lines of `savedText` make. */
export function loadText(text: string): Engine {
  return loadEngine(text.split('\n').map((line) => JSON.parse(line) as SavedRecord))
}
