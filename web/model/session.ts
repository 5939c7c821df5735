import { Feed, Orders, Rest, StockyardError } from '../../sdk/index.ts'
import { recall, remember } from './memory.ts'
import { Watched } from './watched.ts'

/** Which field is wrong, and how to put it right. */
export interface Problem {
  readonly field: string | undefined
  readonly text: string
}

/** Somebody who trades, and the ways to the server that are theirs. */
export interface Trader {
  readonly account: string
  readonly feed: Feed
  readonly rest: Rest
  readonly orders: Orders
}

/** So that an exchange that was restarted is there again soon: nobody's bots come back by this. */
export const backoff = { firstMs: 250, mostMs: 3000 }

/** Who trades on this page. Where there are no keys anybody does, under a name that the browser remembers. */
export class Session extends Watched {
  readonly #url: string
  readonly #feed: Feed
  readonly #rest: Rest
  #account = recall('account')
  readonly #suggested = suggestName()
  #trader: Trader | undefined
  /** The account of a game, and who trades in it. */
  #gameAccount: string | undefined
  #player: Trader | undefined
  #problem: Problem | undefined

  constructor(url: string, feed: Feed, rest: Rest) {
    super()
    this.#url = url
    this.#feed = feed
    this.#rest = rest
    feed.onState(() => this.#look())
    this.#look()
  }

  /** The one who trades now; undefined before the server is there, and before a key was given where it wants one. */
  get trader(): Trader | undefined {
    return this.#player ?? this.#trader
  }

  /** Whether that is in the account of a game. */
  get isPlaying(): boolean {
    return this.#player !== undefined
  }

  /** Whether a key is wanted; undefined before the server has said so. */
  get needsKey(): boolean | undefined {
    return this.#feed.hasKeys
  }

  /** The name that was used last, or one to begin with; where there are keys nobody can make one up. */
  get account(): string {
    return this.#account ?? (this.needsKey === true ? '' : this.#suggested)
  }

  /** Why a session ended that the user did not end. */
  get problem(): Problem | undefined {
    return this.#problem
  }

  /** Trades under another name from now on, with a key where there are keys. Tells what is wrong with it. */
  async enter(account: string, key?: string): Promise<Problem | undefined> {
    if (!/^\w{1,20}$/.test(account)) {
      return { field: 'account', text: 'Use 1 to 20 letters, digits or underscores.' }
    }
    if (this.needsKey !== true) {
      this.#begin({ account, feed: this.#feed, rest: this.#rest })
      return undefined
    }
    if (key === undefined || key === '') return { field: 'key', text: `The key of ${account} is missing.` }
    const feed = new Feed({ url: this.#url, key, backoff })
    try {
      await feed.opened(10_000)
    } catch (error) {
      feed.close()
      if (!(error instanceof StockyardError)) throw error
      const isWrong = error.reason === 'wrong_key'
      return isWrong
        ? { field: 'key', text: 'Nobody has this key.' }
        : { field: undefined, text: error.message }
    }
    if (!feed.accounts.includes(account)) {
      feed.close()
      return { field: 'account', text: `The key is not that of ${account}.` }
    }
    // The key stays in these two, in memory: a reload forgets it.
    this.#begin({ account, feed, rest: new Rest({ url: this.#url, key }) })
    feed.onState((state, error) => {
      if (state !== 'closed' || this.#trader?.feed !== feed) return
      this.leave({ field: 'key', text: error?.message ?? 'The server has ended this session.' })
    })
    return undefined
  }

  /** Trades in the account of a game, with one's own key; `undefined` gives one's own account back. */
  playAs(account: string | undefined): void {
    if (account === this.#gameAccount) return
    this.#gameAccount = account
    this.#seatPlayer()
    this.changed()
  }

  /** Ends what a key began. */
  leave(problem?: Problem): void {
    const { feed } = this.#trader ?? {}
    this.#trader = undefined
    this.#seatPlayer()
    this.#problem = problem
    if (feed !== this.#feed) feed?.close()
    this.changed()
  }

  #begin(of: Omit<Trader, 'orders'>): void {
    const before = this.#trader?.feed
    this.#account = of.account
    remember('account', of.account)
    this.#problem = undefined
    this.#trader = { ...of, orders: new Orders({ by: of.feed, withinMs: 10_000 }) }
    this.#seatPlayer()
    if (before !== this.#feed) before?.close()
    this.changed()
  }

  #seatPlayer(): void {
    const account = this.#gameAccount
    this.#player = account === undefined ? undefined : this.#trader && { ...this.#trader, account }
  }

  /** The server says at each connection whether it has keys; after a restart it may have others than before. */
  #look(): void {
    if (this.#feed.state !== 'open') return
    if (this.needsKey === false && this.#trader === undefined) void this.enter(this.account)
    else if (this.needsKey === true && this.#trader?.feed === this.#feed) this.leave()
    else this.changed()
  }
}

/** A name that nobody else is likely to have. */
function suggestName(): string {
  const [number = 0] = crypto.getRandomValues(new Uint16Array(1))
  return `GUEST${1000 + (number % 9000)}`
}
