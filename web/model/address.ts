import type { Stock } from '../../sdk/index.ts'

/** Which stock the address of the page names: `#/VENUE/SYMBOL`. */
export function readAddress(): Stock | undefined {
  const [, venue, symbol] = /^#\/(\w{1,20})\/(\w{1,20})$/.exec(location.hash) ?? []
  return venue === undefined || symbol === undefined ? undefined : { venue, symbol }
}

export function addressOf({ venue, symbol }: Stock): string {
  return `#/${venue}/${symbol}`
}
