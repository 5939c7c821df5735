/** What the edges need to know of the configuration. */
export interface EdgeSettings {
  /** Where the server listens; a loopback address guards the `Host` header. */
  readonly host: string
  /** An order makes venue and book that do not exist. */
  readonly autoCreate: boolean
  /** The status of a well-formed order that is refused for a field or an unknown stock. */
  readonly badOrderStatus: 400 | 200
  readonly revealOwnerOnCancel: boolean
  /** Executions sockets need no key, as in the old servers. */
  readonly openExecutions: boolean
  /** Requests a second per key or address; 0 is no limit. */
  readonly rateLimit: number
  /** Foreign origins that may call, for browsers. */
  readonly cors: readonly string[]
  /** Host names beside the loopback ones that are answered on a loopback address. */
  readonly allowHost: readonly string[]
  readonly logLevel: string
  readonly tls: { readonly cert: string; readonly key: string } | undefined
}
