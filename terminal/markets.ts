import type { Session } from './session.ts'

/** What the terminal knows of a market. */
export interface MarketInfo {
  readonly id: string
  readonly price_precision: number
  readonly amount_precision: number
}

const decimal = /^\d+(?:\.(\d+))?$/

/** The markets of a server, asked for once. */
export class Markets {
  readonly #session: Session
  #all: ReadonlyMap<string, MarketInfo> | undefined

  constructor(session: Session) {
    this.#session = session
  }

  /** Their ids, as far as they are known. */
  get ids(): readonly string[] {
    return [...(this.#all?.keys() ?? [])]
  }

  async load(): Promise<ReadonlyMap<string, MarketInfo>> {
    if (this.#all === undefined) {
      const { code, data } = await this.#session.ask('MarketsHandler', 'index')
      if (code !== 0 || !Array.isArray(data)) return new Map()
      this.#all = new Map((data as MarketInfo[]).map((market) => [market.id, market]))
    }
    return this.#all
  }

  /** Says what is wrong with an order before it is sent; undefined when nothing is. */
  async fault(id: string, price: string | undefined, volume: string): Promise<string | undefined> {
    const markets = await this.load()
    const market = markets.get(id)
    // A server that does not list its markets can still have them.
    if (markets.size > 0 && market === undefined)
      return `there is no market ${id}; there are ${[...markets.keys()].join(', ')}`
    return (
      numberFault('volume', volume, market?.amount_precision) ??
      (price === undefined ? undefined : numberFault('price', price, market?.price_precision))
    )
  }
}

function numberFault(name: string, text: string, decimals = Number.POSITIVE_INFINITY): string | undefined {
  const parts = decimal.exec(text)
  if (parts === null) return `${name} is no number: ${text}`
  if (!/[1-9]/.test(text)) return `${name} must be more than 0`
  if ((parts[1] ?? '').length > decimals) return `${name} has more than ${decimals} decimals: ${text}`
  return undefined
}
