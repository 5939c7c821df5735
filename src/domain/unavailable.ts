/**
 * A command was not decided, through no fault of its own.
 *
 * `refused`: it was not taken and never will be; send it again later. `unknown`: it may or may not be in the journal;
 * sending it again under the same client order id is safe.
 */
export class Unavailable extends Error {
  readonly outcome: 'refused' | 'unknown'
  readonly reason: UnavailableReason

  constructor(outcome: 'refused' | 'unknown', reason: UnavailableReason) {
    super(unavailableReasons[reason])
    this.outcome = outcome
    this.reason = reason
  }
}

export const unavailableReasons = {
  queue_full: 'Too many commands are waiting',
  journal_failed: 'The journal cannot be written',
  history_unavailable: 'The history cannot be written',
  history_catching_up: 'The history is being completed; ask again later',
  history_lost: 'This lies in a part of the history that is lost',
  stopping: 'The exchange is stopping',
} as const

export type UnavailableReason = keyof typeof unavailableReasons
