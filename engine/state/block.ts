import { KappaError } from '#engine/errors'
import { ByteReader, ByteWriter } from './bytes.ts'

/**
 * A part of a stage's state that has a name of its own in the changelog: a window store, a table, a stateful operator.
 * Renaming a step starts its state afresh; nothing is ever found by position.
 */
export interface StatePart {
  readonly tag: string
  /** Entries held. */
  readonly entries: number
  /** Writes what changed since the last call; false where nothing did. */
  writeDelta(writer: ByteWriter): boolean
  /** Writes everything, in one or several blocks: each between `begin` and `end`. */
  writeAll(begin: () => ByteWriter, end: () => void): void
  /** Takes one block's worth in. */
  read(reader: ByteReader): void
  clear(): void
}

const FORMAT = 1
const DELTA = 0
const RESET = 1

/** Entries a snapshot's block holds at most, so that no block outgrows a Kafka message. */
export const ENTRIES_PER_BLOCK = 4096

/** The state of a stage as blocks: format, whether it starts afresh, then parts by name. */
export class Blocks {
  readonly #parts: readonly StatePart[]
  readonly #writer = new ByteWriter()

  constructor(parts: readonly StatePart[]) {
    this.#parts = parts
    const tags = parts.map(({ tag }) => tag)
    if (new Set(tags).size < tags.length)
      throw new KappaError('PLAN_INVALID', `naming steps ${tags.join(', ')}: two of one name would share state`)
  }

  get entries(): number {
    return this.#parts.reduce((sum, part) => sum + part.entries, 0)
  }

  /** What changed since the last delta; undefined where nothing did. */
  delta(): Buffer | undefined {
    const writer = this.#writer
    this.#open(DELTA)
    let changed = false
    for (const part of this.#parts) {
      const before = writer.length
      writer.text(part.tag)
      const reserved = writer.reserve()
      if (part.writeDelta(writer)) {
        writer.patch(reserved)
        changed = true
      } else writer.cutTo(before)
    }
    const block = writer.take()
    return changed ? block : undefined
  }

  /** Everything, made at once: what changes later is not in it. The first block clears what it is restored into. */
  snapshot(): Buffer[] {
    const blocks: Buffer[] = []
    for (const part of this.#parts) {
      let reserved = 0
      const begin = (): ByteWriter => {
        this.#open(blocks.length === 0 ? RESET : DELTA)
        this.#writer.text(part.tag)
        reserved = this.#writer.reserve()
        return this.#writer
      }
      part.writeAll(begin, () => {
        this.#writer.patch(reserved)
        blocks.push(this.#writer.take())
      })
    }
    return blocks
  }

  /** A block of one part alone, added to what a stage has. */
  blockOf(part: StatePart, write: (writer: ByteWriter) => void): Buffer {
    this.#open(DELTA)
    this.#writer.text(part.tag)
    const reserved = this.#writer.reserve()
    write(this.#writer)
    this.#writer.patch(reserved)
    return this.#writer.take()
  }

  clear(): void {
    for (const part of this.#parts) part.clear()
  }

  restore(block: Buffer): void {
    const reader = new ByteReader(block)
    const format = reader.byte()
    if (format !== FORMAT) throw new KappaError('STATE_MISMATCH', `restoring a block of format ${format}`)
    if (reader.byte() === RESET) for (const part of this.#parts) part.clear()
    while (!reader.done) {
      const tag = reader.text()
      const content = reader.part()
      const part = this.#parts.find((one) => one.tag === tag)
      if (!part)
        throw new KappaError('STATE_MISMATCH', `restoring state of a step '${tag}' that the processor no longer has`)
      part.read(content)
    }
  }

  #open(kind: number): void {
    this.#writer.cutTo(0)
    this.#writer.byte(FORMAT)
    this.#writer.byte(kind)
  }
}
