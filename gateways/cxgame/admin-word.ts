import type { Note } from '../../src/domain/command.ts'
import type { Noted } from '../../src/domain/event.ts'
import type { Venue } from '../../src/port.ts'

// What an admin says of a game that has not begun changes no state of the venue. It is a note of the venue, so that
// it is durable when it is answered, and outlives the process.

const topic = 'cxgame'
const key = 'may_begin'

/** Whether an admin has said that the game may begin, or that it may not; undefined when none said anything. */
export function adminWord(venue: Venue): boolean | undefined {
  const said = venue.note(topic, key)
  return typeof said === 'boolean' ? said : undefined
}

/** The command that keeps an admin's word; undefined takes it back. */
export function keepAdminWord(venue: string, said: boolean | undefined): Note {
  return { type: 'note', venue, topic, key, data: said ?? null }
}

/** Whether what was noted is that the game may begin. */
export function letsBegin(event: Noted): boolean {
  return event.topic === topic && event.key === key && event.data === true
}
