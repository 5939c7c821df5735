import type { Command } from '../src/domain/command.ts'
import type { Applied } from '../src/domain/event.ts'
import type { RejectReason } from '../src/domain/reject.ts'
import type { Exchange } from '../src/port.ts'

/** Why a command was refused, if it was. */
export function refusalOf({ events }: Applied): RejectReason | undefined {
  const [first] = events
  return first?.type === 'rejected' ? first.reason : undefined
}

/** Sends a command that cannot be refused. */
export async function must(exchange: Exchange, command: Command): Promise<void> {
  const refusal = await exchange.submit(command, refusalOf)
  if (refusal !== undefined) throw new Error(`${command.type} of ${command.venue} was refused: ${refusal}`)
}

/** JSON that is the same for the same values, in whatever order they were put together. */
export function sortedJson(value: object): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )
}
