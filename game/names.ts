/** Of these nothing is spelled by chance that somebody would not like to trade. */
const alphabet = 'BCDGHJLMNPQRTVWXYZ'

/** A whole number below another, at random. */
export type Draw = (below: number) => number

/** Five letters and EX, as the venues of the game were called. */
export function drawVenue(draw: Draw): string {
  return `${letters(draw, 5)}EX`
}

/** Three or four letters. */
export function drawSymbol(draw: Draw): string {
  return letters(draw, 3 + draw(2))
}

/** Three letters and eight digits. */
export function drawAccount(draw: Draw): string {
  return `${letters(draw, 3)}${10_000_000 + draw(90_000_000)}`
}

function letters(draw: Draw, count: number): string {
  return Array.from({ length: count }, () => alphabet[draw(alphabet.length)]).join('')
}
