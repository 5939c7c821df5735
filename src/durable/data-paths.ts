import { join, resolve } from 'node:path'

/** Where what is in a data directory. */
export interface DataPaths {
  readonly root: string
  readonly journal: string
  readonly snapshots: string
  readonly history: string
}

export function dataPaths(directory: string): DataPaths {
  const root = resolve(directory)
  return {
    root,
    journal: join(root, 'journal'),
    snapshots: join(root, 'snapshots'),
    history: join(root, 'history'),
  }
}
