import type { Cancel, JournalEntry, Place, Replace } from '../domain/command.ts'
import type { OrderType, Side, TimeInForce } from '../domain/order.ts'
import { fromRecord, type JournalRecord } from './records.ts'

const quote = 0x22
const comma = 0x2c
const closing = 0x5d
const newline = 0x0a
const zero = 0x30
/** Texts that are remembered; a power of two. */
const remembered = 1024
/** So many digits are always an exact number. */
const mostDigits = 15

const placeStart = Buffer.from('["place",')
const cancelStart = Buffer.from('["cancel",')
const noBudget = Buffer.from('null,')
const replaceStart = Buffer.from('["replace",')

/** A word that comes in masses, and how it stands in a record. */
interface Word<T extends string> {
  readonly text: T
  readonly bytes: Buffer
}

const sides = words<Side>('buy', 'sell')
const orderTypes = words<OrderType>('limit', 'market')
const timesInForce = words<TimeInForce>('gtc', 'ioc', 'fok')

/**
 * Reads the records of frames: lines of JSON. The kinds that come in masses are read byte by byte, in a fraction of
 * the time of `JSON.parse`, and names that come again and again are made once. A line that is not plainly what is
 * expected (an escape, a letter beyond ASCII, a larger number) is left to `JSON.parse`.
 */
export class RecordReader {
  readonly #texts = new Array<string>(remembered).fill('')
  #bytes: Buffer = placeStart
  #at = 0
  #end = 0
  #isPlain = true
  // Most often it is the same one again.
  #lastVenue = ''
  #lastSymbol = ''

  /** The records from one offset to another; the last byte is the end of the last line. */
  read(bytes: Buffer, start: number, end: number): JournalEntry[] {
    this.#bytes = bytes
    this.#end = end
    const entries: JournalEntry[] = []
    for (let line = start; line < end; line = this.#at) {
      this.#at = line
      entries.push(this.#plainEntry() ?? this.#anyEntry(line))
    }
    return entries
  }

  /** The entry of a line that can be read byte by byte; undefined when it cannot. */
  #plainEntry(): JournalEntry | undefined {
    this.#isPlain = true
    const entry = this.#skip(placeStart)
      ? this.#place()
      : this.#skip(cancelStart)
        ? this.#cancel()
        : this.#skip(replaceStart)
          ? this.#replace()
          : undefined
    if (entry === undefined || !this.#isPlain) return undefined
    if (this.#bytes[this.#at - 1] !== closing || this.#bytes[this.#at] !== newline) return undefined
    this.#at += 1
    return entry
  }

  #anyEntry(line: number): JournalEntry {
    const end = this.#bytes.indexOf(newline, line)
    this.#at = end === -1 || end >= this.#end ? this.#end : end + 1
    return fromRecord(JSON.parse(this.#bytes.toString('utf8', line, this.#at)) as JournalRecord)
  }

  #place(): Place {
    const order: Place = {
      type: 'place',
      venue: this.#venue(),
      symbol: this.#symbol(),
      account: this.#text(),
      side: this.#word(sides),
      orderType: this.#word(orderTypes),
      timeInForce: this.#word(timesInForce),
      price: this.#number(),
      quantity: this.#number(),
      autoCreate: this.#number() === 1,
    }
    if (this.#bytes[this.#at - 1] === closing) return order
    const clientOrderId = this.#text()
    if (this.#bytes[this.#at - 1] === closing) return { ...order, clientOrderId }
    // Budgets are rare, and not read here.
    if (!this.#skip(noBudget)) this.#isPlain = false
    return { ...order, clientOrderId, session: this.#text() }
  }

  #cancel(): Cancel {
    return { type: 'cancel', venue: this.#venue(), orderId: this.#number() }
  }

  #replace(): Replace {
    return {
      type: 'replace',
      venue: this.#venue(),
      orderId: this.#number(),
      price: this.#number(),
      quantity: this.#number(),
    }
  }

  #skip(expected: Buffer): boolean {
    const bytes = this.#bytes
    const at = this.#at
    for (let i = 0; i < expected.length; i += 1) {
      if (bytes[at + i] !== expected[i]) return false
    }
    this.#at += expected.length
    return true
  }

  /** Reads one of a few words and the comma or bracket behind it; gives the very string that the code compares with. */
  #word<T extends string>(words: readonly Word<T>[]): T {
    for (const { text, bytes } of words) {
      if (!this.#skip(bytes)) continue
      this.#goBehind(this.#at)
      return text
    }
    return this.#text()
  }

  #venue(): string {
    if (this.#isNext(this.#lastVenue)) return this.#lastVenue
    const venue = this.#text()
    // What is not plain was not read right.
    if (this.#isPlain) this.#lastVenue = venue
    return venue
  }

  #symbol(): string {
    if (this.#isNext(this.#lastSymbol)) return this.#lastSymbol
    const symbol = this.#text()
    if (this.#isPlain) this.#lastSymbol = symbol
    return symbol
  }

  /** Goes behind a plain text and the comma or bracket behind it, if it comes next. */
  #isNext(text: string): boolean {
    const start = this.#at + 1
    const end = start + text.length
    if (this.#bytes[this.#at] !== quote || this.#bytes[end] !== quote) return false
    if (!this.#isText(text, start, end)) return false
    this.#goBehind(end + 1)
    return true
  }

  /** Reads a text and the comma or bracket behind it. */
  #text<T extends string>(): T {
    const bytes = this.#bytes
    const start = this.#at + 1
    let at = start
    let hash = 0
    if (bytes[this.#at] !== quote) this.#isPlain = false
    for (; at < this.#end; at += 1) {
      const byte = bytes[at] as number
      if (byte === quote) break
      // A backslash, a control character, or a part of a letter beyond ASCII.
      if (byte === 0x5c || byte < 0x20 || byte > 0x7e) this.#isPlain = false
      hash = (Math.imul(hash, 31) + byte) | 0
    }
    this.#goBehind(at + 1)
    const slot = (hash ^ (hash >>> 10)) & (remembered - 1)
    const known = this.#texts[slot] as string
    if (this.#isText(known, start, at)) return known as T
    const text = bytes.toString('latin1', start, at)
    this.#texts[slot] = text
    return text as T
  }

  #isText(text: string, start: number, end: number): boolean {
    if (text.length !== end - start) return false
    const bytes = this.#bytes
    for (let i = 0; i < text.length; i += 1) {
      if (text.charCodeAt(i) !== bytes[start + i]) return false
    }
    return true
  }

  /** Reads a whole number and the comma or bracket behind it. */
  #number<N extends number>(): N {
    const bytes = this.#bytes
    const start = this.#at
    let at = start
    let n = 0
    for (; at < this.#end; at += 1) {
      const digit = (bytes[at] as number) - zero
      if (digit < 0 || digit > 9) break
      n = n * 10 + digit
    }
    if (at === start || at - start > mostDigits) this.#isPlain = false
    this.#goBehind(at)
    return n as N
  }

  #goBehind(at: number): void {
    const byte = this.#bytes[at]
    if (byte !== comma && byte !== closing) this.#isPlain = false
    this.#at = at + 1
  }
}

function words<T extends string>(...texts: T[]): Word<T>[] {
  return texts.map((text) => ({ text, bytes: Buffer.from(`"${text}"`) }))
}
