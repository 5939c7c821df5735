import type { InstanceRecord } from './records.ts'

/** Who asks. */
export interface Caller {
  /** The accounts of the caller's key; undefined where there are no keys, and everybody is one. */
  readonly held: ReadonlySet<string> | undefined
}

/** Under which account's name what a caller does is kept: the first of those of its key, whatever their order. */
export function ownerOf({ held }: Caller): string | undefined {
  return held === undefined ? undefined : [...held].sort()[0]
}

export function isOwner({ held }: Caller, { owner }: Pick<InstanceRecord, 'owner'>): boolean {
  return held === undefined || (owner !== undefined && held.has(owner))
}
