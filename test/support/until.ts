import { setImmediate } from 'node:timers/promises'

/** Waits until something is so; it is looked at after each round of input and output. */
export async function until(isSo: () => boolean, withinMs = 60_000): Promise<void> {
  const end = Date.now() + withinMs
  while (!isSo()) {
    if (Date.now() > end) throw new Error(`it did not come to ${isSo}`)
    await setImmediate()
  }
}
