import { KappaError } from '#engine/errors'
import type { ByteReader, ByteWriter } from '#engine/state'
import type { OutputRecord } from './contract.ts'

/** A record is tried this often before it is given up. */
export const TRIES = 3
/** So many in a row that throw mean that the step is broken, not the data. */
export const POISONED_AFTER = 20

/**
 * Dead letters of a running series of throws. They are let go when the series ends; a series that reaches twenty stops
 * the task instead, and none of them was dead-lettered.
 */
export class Throws {
  #held: OutputRecord[] = []
  #series = 0

  add(letter: OutputRecord, step: string): void {
    this.#held.push(letter)
    this.#series++
    if (this.#series < POISONED_AFTER) return
    const error = letter.headers?.error?.toString() ?? ''
    throw new KappaError('POISONED', `taking records in ${step}: ${POISONED_AFTER} in a row threw, the last: ${error}`)
  }

  /** A record went through: the series is over. */
  end(out: OutputRecord[]): void {
    this.#series = 0
    this.release(out)
  }

  get running(): boolean {
    return this.#series > 0
  }

  /** How many in a row have thrown so far. */
  get series(): number {
    return this.#series
  }

  /** Lets the dead letters go; the series counts on. The number let go. */
  release(out: OutputRecord[]): number {
    const { length } = this.#held
    if (length > 0) {
      out.push(...this.#held)
      this.#held = []
    }
    return length
  }

  write(writer: ByteWriter): void {
    writer.varint(this.#series)
    writer.varint(this.#held.length)
    for (const { key, value, headers } of this.#held) {
      writer.value(key)
      writer.value(value)
      writer.values(Object.entries(headers ?? {}).flat())
    }
  }

  read(reader: ByteReader): void {
    this.#series = reader.varint()
    this.#held = []
    for (let left = reader.varint(); left > 0; left--) {
      const key = reader.value() as Buffer | null
      const value = reader.value() as Buffer | null
      const flat = reader.values()
      const headers: Record<string, Buffer> = {}
      for (let n = 0; n < flat.length; n += 2) headers[flat[n] as string] = flat[n + 1] as Buffer
      this.#held.push({ channel: 'dead-letter', topic: '', key, value, headers })
    }
  }

  clear(): void {
    this.#series = 0
    this.#held = []
  }
}
