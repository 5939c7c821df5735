/** Who may act as which account. Made from an accounts file; its content can be replaced while it is in use. */
export interface Accounts {
  /** The accounts that a key holds; undefined for a key that nobody has. Takes the same time for any key. */
  held(key: string): ReadonlySet<string> | undefined
  /** Calls a listener after the accounts were replaced, e.g. to close sockets whose key no longer holds. */
  onChange(listener: () => void): void
}
