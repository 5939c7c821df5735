// What several messages tell the person who runs the server.

/** What a person should know and do when the disk has failed. */
export const untilRestart = 'No orders are taken from now on: make room or mend the disk, then restart'
/** What it means when something else knows of later commands than the journal, and what a person may do. */
export const areMissing = 'commands that were answered are missing. Restore the journal from a backup'
