/**
 * What this browser remembers between visits, or this tab until it is closed. Where it keeps nothing, e.g. in some
 * private windows, nothing is remembered.
 */
const places = { browser: () => localStorage, tab: () => sessionStorage } as const
const prefix = 'stockyard.'

export function recall(name: string, where: keyof typeof places = 'browser'): string | undefined {
  try {
    return places[where]().getItem(prefix + name) ?? undefined
  } catch {
    return undefined
  }
}

/** `undefined` is forgotten. */
export function remember(
  name: string,
  value: string | undefined,
  where: keyof typeof places = 'browser',
): void {
  try {
    if (value === undefined) places[where]().removeItem(prefix + name)
    else places[where]().setItem(prefix + name, value)
  } catch {
    // Not worth telling.
  }
}
