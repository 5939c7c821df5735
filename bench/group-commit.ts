import type { NewOrder } from '../schemas/order.ts'
import type { SequencedCommand } from '../src/domain/command.ts'
import type { Lots, Micros, Sequence, Ticks } from '../src/domain/units.ts'
import { FileLog } from '../src/log/file-log.ts'

/**
 * The least that makes an order durable: the product's own journal and nothing else. What comes while a batch is being
 * written is the next batch.
 */
export class GroupCommit {
  readonly #log: FileLog
  #orders: NewOrder[] = []
  #waiting: (() => void)[] = []
  #writing = false
  #sequence = 0

  constructor(directory: string) {
    this.#log = FileLog.open({ directory })
  }

  /** Resolves when the order is on the disk. */
  add(order: NewOrder): Promise<void> {
    this.#orders.push(order)
    if (!this.#writing) {
      this.#writing = true
      setImmediate(() => this.#write())
    }
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  close(): Promise<void> {
    return this.#log.close()
  }

  #write(): void {
    const batch = this.#orders.map((order) => this.#toCommand(order))
    const waiting = this.#waiting
    this.#orders = []
    this.#waiting = []
    this.#log.append(batch).then(() => {
      if (this.#orders.length > 0) this.#write()
      else this.#writing = false
      for (const resolve of waiting) resolve()
    })
  }

  #toCommand({ account, price = 0, qty, direction }: NewOrder): SequencedCommand {
    this.#sequence += 1
    return {
      sequence: this.#sequence as Sequence,
      time: (Date.now() * 1000) as Micros,
      command: {
        type: 'place',
        venue: 'TESTEX',
        symbol: 'FOOBAR',
        account,
        side: direction,
        orderType: 'limit',
        timeInForce: 'gtc',
        price: price as Ticks,
        quantity: qty as Lots,
        autoCreate: true,
      },
    }
  }
}
