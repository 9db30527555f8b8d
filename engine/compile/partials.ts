import { ByteReader, ByteWriter } from '#engine/state'
import type { OutputRecord } from './contract.ts'
import { partitioner } from './steps.ts'

/** What stage 1 of a re-key ships: partial aggregates, gathered by target partition, then its stream time to all of them. */
const ROWS = 0
const WATERMARK = 1

/** A record of partial aggregates is closed when it has grown to this, well below Kafka's limit of one message. */
const MOST_BYTES = 400_000

export class Partials {
  readonly #source: number
  readonly #targets: readonly ByteWriter[]
  readonly #partitionOf: (key: string) => number
  readonly #ready: OutputRecord[] = []
  #shipped = Number.NEGATIVE_INFINITY

  constructor(source: number, partitions: number) {
    this.#source = source
    this.#partitionOf = partitioner(partitions)
    this.#targets = Array.from({ length: partitions }, () => new ByteWriter())
  }

  /** Where the next row of a key is written. What a row is made of is its window's matter. */
  row(keyText: string): ByteWriter {
    const partition = this.#partitionOf(keyText)
    const writer = this.#targets[partition] as ByteWriter
    if (writer.length >= MOST_BYTES) this.#close(partition)
    if (writer.length === 0) {
      writer.byte(ROWS)
      writer.varint(this.#source)
    }
    return writer
  }

  #close(partition: number): void {
    const value = (this.#targets[partition] as ByteWriter).take()
    this.#ready.push({ channel: 'repartition', topic: '', partition, key: null, value })
  }

  /** Rows first, then one watermark for every partition, so that nobody closes a window before its last row is there. */
  ship(streamTime: number, out: OutputRecord[]): void {
    this.#targets.forEach((writer, partition) => {
      if (writer.length > 0) this.#close(partition)
    })
    out.push(...this.#ready)
    this.#ready.length = 0
    if (streamTime <= this.#shipped) return
    this.#shipped = streamTime
    this.#targets.forEach((writer, partition) => {
      writer.byte(WATERMARK)
      writer.varint(this.#source)
      writer.double(streamTime)
      out.push({ channel: 'repartition', topic: '', partition, key: null, value: writer.take() })
    })
  }

  /** A stream time that restored state knows was shipped with it. */
  restored(streamTime: number): void {
    this.#shipped = streamTime
  }
}

export interface PartialsReader {
  /** One partial aggregate of a source partition, to be read off the reader. */
  takePartial(source: number, reader: ByteReader): void
  /** The source partition's stream time. */
  watermark(source: number, streamTime: number): void
}

/** Reads a record of a repartition topic. STATE_MISMATCH where it is none. */
export function readPartials(value: Buffer, to: PartialsReader): void {
  const reader = new ByteReader(value)
  const kind = reader.byte()
  const source = reader.varint()
  if (kind === WATERMARK) to.watermark(source, reader.double())
  else while (!reader.done) to.takePartial(source, reader)
}
