/** What an account holds of one asset, in smallest units. Neither part is ever negative. */
export class Balance {
  /** Whose it is. */
  readonly account: string
  readonly asset: string
  available = 0n
  /** Reserved for open orders. */
  held = 0n
  /** How many commands have changed it. */
  changes = 0
  /** Whether the current command has. */
  isTouched = false

  constructor(account: string, asset: string) {
    this.account = account
    this.asset = asset
  }
}
