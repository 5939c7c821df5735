type Write = (details: object, message: string) => void

/** Where the door says what it does, in the form of pino. Signatures and tokens are in none of it. */
export interface OceanexLog {
  /** Every request; left out where it is not there. */
  readonly debug?: Write
  readonly info: Write
  readonly warn: Write
  readonly error: Write
}
