/** How a game is set up. Read from the configuration, where every value was checked. */
export interface CxgameSettings {
  /** Where players connect; 0 for any free port. */
  readonly exchangePort: number
  /** Where the feed is read; 0 for any free port. */
  readonly feedPort: number
  readonly bind: string
  /** What a player begins with, as the text that was configured: at most 2 decimals of USD and 10 of crypto. */
  readonly usdStart: string
  readonly cryptoStart: string
  /** Players that may register; undefined: as many as the venue's limit of accounts allows. */
  readonly userLimit: number | undefined
  /** How long the game runs, in microseconds; undefined: until somebody ends it. */
  readonly timeLimit: number | undefined
  /** Who may register, and who must be there before the game begins; undefined: anybody, and at once. */
  readonly whitelist: readonly string[] | undefined
  /** Certificate chain and key in one PEM text; both ports then speak TLS only. */
  readonly pem: string | undefined
  /** What admins know; undefined: nobody is one. */
  readonly adminSecret: string | undefined
  /** Whether the game begins by itself. */
  readonly isStarted: boolean
  /** Whether the old server's oddities are kept that old clients may count on; see `compat` in docs/competition.md. */
  readonly isStrict: boolean
  /** Feed messages that a newcomer is sent of what was before. */
  readonly feedBacklog: number
  /** Whether the feed tells where players connect from. */
  readonly feedAddresses: boolean
  /** What becomes of a player's orders when the last of its connections goes. */
  readonly onDisconnect: 'keep' | 'cancel'
  /** Commands a second that a connection may send; 0 is no limit. */
  readonly commandsPerSecond: number
  /** Whether the process ends with the game. */
  readonly exitAtEnd: boolean
  /** The venue that the game is played on; its only symbol is CRYPTO. */
  readonly venue: string
}
