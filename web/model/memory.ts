/** What this browser remembers between visits. Where it keeps nothing, e.g. in some private windows, nothing is remembered. */
const prefix = 'stockyard.'

export function recall(name: string): string | undefined {
  try {
    return localStorage.getItem(prefix + name) ?? undefined
  } catch {
    return undefined
  }
}

export function remember(name: string, value: string): void {
  try {
    localStorage.setItem(prefix + name, value)
  } catch {
    // Not worth telling.
  }
}
