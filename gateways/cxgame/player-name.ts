const longest = 64
/** Control characters, and halves of a pair that stand alone: no other text holds those. */
const unfit = /[\p{Cc}\p{Cs}]/u

/** Whether somebody can register under a name. */
export function isPlayerName(name: unknown): name is string {
  return typeof name === 'string' && [...name].length <= longest && name.trim() !== '' && !unfit.test(name)
}
