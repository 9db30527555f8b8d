import type { ByteReader, ByteWriter, StatePart } from '#engine/state'
import type { Throws } from './throws.ts'

interface InputTime {
  /** Largest event time taken. */
  eventTime: number
  /** Record timestamp of the record that had it. */
  writtenAt: number
}

/** The times of a stage: where its stream stands, and each input. Written with every delta that changed anything. */
export class Header implements StatePart {
  readonly tag = 'times'
  streamTime = Number.NEGATIVE_INFINITY
  changed = false
  readonly #inputs: readonly InputTime[]
  readonly #throws: Throws

  constructor(inputs: number, throws: Throws) {
    this.#inputs = Array.from({ length: inputs }, unseen)
    this.#throws = throws
  }

  get entries(): number {
    return 0
  }

  /** An event of an input was taken. */
  taken(input: number, eventTime: number, writtenAt: number): void {
    this.changed = true
    const times = this.#inputs[input] as InputTime
    if (eventTime <= times.eventTime) return
    times.eventTime = eventTime
    times.writtenAt = writtenAt
  }

  lastEvent(input: number): { readonly eventTime: number; readonly writtenAt: number } | undefined {
    const times = this.#inputs[input]
    if (times === undefined || times.eventTime === Number.NEGATIVE_INFINITY) return undefined
    return { eventTime: times.eventTime, writtenAt: times.writtenAt }
  }

  writeDelta(writer: ByteWriter): boolean {
    if (!this.changed) return false
    this.changed = false
    this.#write(writer)
    return true
  }

  writeAll(begin: () => ByteWriter, end: () => void): void {
    this.#write(begin())
    end()
  }

  #write(writer: ByteWriter): void {
    writer.double(this.streamTime)
    writer.varint(this.#inputs.length)
    for (const { eventTime, writtenAt } of this.#inputs) {
      writer.double(eventTime)
      writer.double(writtenAt)
    }
    this.#throws.write(writer)
  }

  read(reader: ByteReader): void {
    this.streamTime = reader.double()
    const inputs = reader.varint()
    for (let n = 0; n < inputs; n++) {
      const read = { eventTime: reader.double(), writtenAt: reader.double() }
      const times = this.#inputs[n]
      if (times) Object.assign(times, read)
    }
    this.#throws.read(reader)
  }

  clear(): void {
    this.streamTime = Number.NEGATIVE_INFINITY
    for (const times of this.#inputs) Object.assign(times, unseen())
    this.#throws.clear()
  }
}

const unseen = (): InputTime => ({ eventTime: Number.NEGATIVE_INFINITY, writtenAt: 0 })
