/** Who plays on which connections. */
export class Presence<Connection> {
  readonly #byPlayer = new Map<string, Set<Connection>>()

  isHere(player: string): boolean {
    return this.#byPlayer.has(player)
  }

  add(player: string, connection: Connection): void {
    const connections = this.#byPlayer.get(player)
    if (connections === undefined) this.#byPlayer.set(player, new Set([connection]))
    else connections.add(connection)
  }

  /** True when it was the player's last connection. */
  remove(player: string, connection: Connection): boolean {
    const connections = this.#byPlayer.get(player)
    if (connections?.delete(connection) !== true || connections.size > 0) return false
    this.#byPlayer.delete(player)
    return true
  }

  clear(): void {
    this.#byPlayer.clear()
  }
}
