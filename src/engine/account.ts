/** Somebody who trades on a venue. Made by the first order that is accepted; never goes away. */
export class Account {
  readonly name: string
  /** 1, 2, 3 … in the order of first use; what the event digest knows the account by. */
  readonly number: number
  openOrders = 0

  constructor(name: string, number: number) {
    this.name = name
    this.number = number
  }
}
