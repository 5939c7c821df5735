/** Tells how far something has come, a line at most once a second. */
export function createProgress(tell: (text: string) => void): (line: () => string) => void {
  let told = performance.now()
  return (line) => {
    const now = performance.now()
    if (now - told < 1000) return
    told = now
    tell(`${line()}\n`)
  }
}
