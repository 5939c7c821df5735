type Write = (details: object, message: string) => void

/** Where a door says what it does, in the form of pino. Tokens, keys, signatures and secrets are in none of it. */
export interface GatewayLog {
  /** Every command; left out where it is not there. */
  readonly debug?: Write
  readonly info: Write
  readonly warn: Write
  readonly error: Write
}
