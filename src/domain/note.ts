/** Plain JSON, as a note holds it. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [name: string]: Json | undefined }

/** The longest note, in characters of its JSON, topic and key included. */
export const noteLimit = 65_536

/** How long a note is. */
export function lengthOf(topic: string, key: string, data: Json): number {
  return JSON.stringify([topic, key, data]).length
}
