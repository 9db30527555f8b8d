import { KappaError } from '#engine/errors'
import type { ByteReader, ByteWriter } from '#engine/state'
import type { OutputRecord } from './contract.ts'

/** A record is tried this often before it is given up. */
export const TRIES = 3
/** So many in a row that throw mean that the step is broken, not the data. */
export const POISONED_AFTER = 20

/** So many records that say nothing of the step (late, not decodable, of a table) end a row, or it could go on for ever. */
export const SILENT_AFTER = 1_000

/**
 * A row of throws and its dead letters. They are let go when the row ends; a row that reaches twenty stops the task
 * instead, and none of them is dead-lettered: nothing is committed while it goes on.
 */
export class Throws {
  #held: OutputRecord[] = []
  #series = 0
  #silent = 0

  add(letter: OutputRecord, step: string): void {
    this.#held.push(letter)
    this.#series++
    this.#silent = 0
    if (this.#series < POISONED_AFTER) return
    const error = letter.headers?.error?.toString() ?? ''
    throw new KappaError('POISONED', `taking records in ${step}: ${POISONED_AFTER} in a row threw, the last: ${error}`)
  }

  /** The row is over. How many dead letters were let go. */
  end(out: OutputRecord[]): number {
    const { length } = this.#held
    out.push(...this.#held)
    this.clear()
    return length
  }

  /** Another record comes. True where it finds a row that so many others told nothing about that it is over. */
  fades(): boolean {
    return this.#series > 0 && ++this.#silent > SILENT_AFTER
  }

  get running(): boolean {
    return this.#series > 0
  }

  /** How many in a row have thrown so far. */
  get series(): number {
    return this.#series
  }

  /** No row goes on where state is written; what earlier versions wrote may hold one. */
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
    this.#silent = 0
    this.#held = []
  }
}
