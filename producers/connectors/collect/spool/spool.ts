import { randomUUID } from 'node:crypto'
import { mkdir, open as openFile, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { KappaError } from '#engine/errors'
import { type Clock, systemClock } from '#engine/time'
import { type SpoolCipher, spoolCipher } from './cipher.ts'
import { framedLength, LARGEST, LARGEST_FRAME, unframed } from './frame.ts'
import { readAt, recovered, type Segment, segmentFile, segmentNumbers } from './segment.ts'
import { SegmentWriter, syncFolder } from './writer.ts'

export interface SpoolOptions {
  /** One process at a time (the caller sees to it). */
  readonly folder: string
  /** Bytes that may wait to be delivered; as many again may be kept for `keepMs`. */
  readonly maxBytes: number
  /** 32 bytes: the files can be read with it alone. */
  readonly masterKey: Buffer
  /** How long delivered records are kept, for whoever asks at the next start what was taken lately. Milliseconds. */
  readonly keepMs: number
  /** @defaultValue 8 MiB */
  readonly segmentBytes?: number
  readonly onDamage?: (text: string) => void
  readonly clock?: Clock
}

/** The place behind a record. */
export interface SpoolPosition {
  readonly segment: number
  readonly offset: number
}

export interface SpoolRead {
  readonly payloads: readonly Buffer[]
  /** The place behind each of them. */
  readonly ends: readonly SpoolPosition[]
  /** Behind all of them. */
  readonly next: SpoolPosition
}

/**
 * A bounded queue on disk: what `append` acknowledged is there after any crash, in order, until it is released; what a crash
 * cut short was never acknowledged, and is gone. Segments of records; the newest is never deleted, so that positions only
 * rise.
 */
export interface Spool {
  /** Names it for as long as its folder lives. */
  readonly id: string
  /** Bytes on disk or on their way that are not delivered. */
  readonly waitingBytes: number
  readonly maxBytes: number
  /** When the oldest record that is not delivered was written, or a later moment of its segment; undefined where none waits. */
  readonly waitingSince: number | undefined
  /** Resolves when it is on disk. Throws retriable BLOCKED when full, retriable STORE where the disk refuses. */
  append(payload: Buffer): Promise<void>
  /** What is on disk behind a position, about `maxBytes` of it. Throws STATE_MISMATCH for a position that never was. */
  read(from: SpoolPosition, maxBytes: number): Promise<SpoolRead>
  /** Everything before the position is delivered: its files go once they are `keepMs` old, or more than may be kept. */
  release(before: SpoolPosition): Promise<void>
  /** Resolves when something is on disk behind the position, after `milliseconds`, or at `signal`. */
  more(from: SpoolPosition, milliseconds: number, signal?: AbortSignal): Promise<void>
  /** What is queued goes to disk first. */
  close(): Promise<void>
}

/** The beginning of every spool. */
export const SPOOL_START: SpoolPosition = { segment: 0, offset: 0 }

/**
 * Opens or makes a spool. `take` is given every record that is there, delivered or not, with the time its segment was last
 * written to.
 */
export async function openSpool(
  options: SpoolOptions,
  take: (payload: Buffer, writtenAt: number) => void = () => {},
): Promise<Spool> {
  const { folder, onDamage = () => {} } = options
  await mkdir(folder, { recursive: true })
  const id = await idOf(folder)
  const cipher = spoolCipher(options.masterKey, id)
  const numbers = await segmentNumbers(folder)
  const segments: Segment[] = []
  for (const [i, number] of numbers.entries()) {
    const last = i === numbers.length - 1
    segments.push(await recovered(folder, number, last, (payload, at) => take(cipher.open(payload), at), onDamage))
  }
  return new FolderSpool(id, options, segments, cipher, await noted(folder))
}

const NOTE = 'delivered'
/** It is noted so often at most. */
const NOTE_MS = 1_000

/** How far was delivered, as it was noted here: at most as far as Kafka says, who is to be believed once it answers. */
async function noted(folder: string): Promise<SpoolPosition> {
  const match = /^(\d{1,12}) (\d{1,12})$/.exec(await readFile(join(folder, NOTE), 'utf8').catch(() => ''))
  return match ? { segment: Number(match[1]), offset: Number(match[2]) } : SPOOL_START
}

/** Made by renaming, so that it is there whole or not at all. */
async function idOf(folder: string): Promise<string> {
  const file = join(folder, 'id')
  const found = await readFile(file, 'utf8').catch(() => '')
  if (/^[0-9a-f-]{36}$/.test(found)) return found
  const id = randomUUID()
  await writeFile(`${file}.new`, id, { flush: true })
  await rename(`${file}.new`, file)
  await syncFolder(folder)
  return id
}

class FolderSpool implements Spool {
  readonly id: string
  readonly maxBytes: number
  readonly #folder: string
  readonly #keepMs: number
  readonly #clock: Clock
  readonly #cipher: SpoolCipher
  readonly #segments: Segment[]
  readonly #writer: SegmentWriter
  #released: SpoolPosition
  readonly #bells = new Set<() => void>()
  #notedAt = 0

  constructor(id: string, options: SpoolOptions, segments: Segment[], cipher: SpoolCipher, released: SpoolPosition) {
    const { folder, maxBytes, keepMs, segmentBytes = 8 * 1_048_576, clock = systemClock } = options
    this.id = id
    this.maxBytes = maxBytes
    this.#folder = folder
    this.#keepMs = keepMs
    this.#clock = clock
    this.#cipher = cipher
    this.#released = released
    this.#segments = segments
    this.#writer = new SegmentWriter(folder, segments, { clock, segmentBytes, onDurable: () => this.#ring() })
  }

  get waitingBytes(): number {
    let bytes = this.#writer.queuedBytes
    for (const { number, end } of this.#segments) {
      if (number > this.#released.segment) bytes += end
      else if (number === this.#released.segment) bytes += Math.max(0, end - this.#released.offset)
    }
    return bytes
  }

  get waitingSince(): number | undefined {
    return this.#behind(this.#released)?.writtenAt
  }

  /** The first segment with something behind the position. */
  #behind({ segment, offset }: SpoolPosition): Segment | undefined {
    return this.#segments.find(
      ({ number, end }) => (number > segment && end > 0) || (number === segment && end > offset),
    )
  }

  async append(plain: Buffer): Promise<void> {
    const payload = this.#cipher.close(plain)
    if (payload.length > LARGEST)
      throw new KappaError('CONFIG_INVALID', `spooling ${payload.length} bytes at once: ${LARGEST} are possible`)
    if (this.waitingBytes + framedLength(payload) > this.maxBytes)
      throw new KappaError('BLOCKED', `spooling to ${this.#folder}: ${this.maxBytes} bytes wait`, { retriable: true })
    await this.#writer.append(payload)
  }

  async read(from: SpoolPosition, maxBytes: number): Promise<SpoolRead> {
    this.#requireKnown(from)
    const rest = this.#segments.filter(({ number }) => number >= from.segment)
    for (const { number, end } of rest) {
      const offset = number === from.segment ? from.offset : 0
      if (offset >= end) continue
      const handle = await openFile(segmentFile(this.#folder, number), 'r')
      try {
        const bytes = await readAt(handle, offset, Math.min(end - offset, Math.max(maxBytes, LARGEST_FRAME)))
        const found = unframed(bytes)
        if (found.payloads.length === 0)
          throw new KappaError('STORE', `reading ${segmentFile(this.#folder, number)} at ${offset}: it changed`)
        const payloads = found.payloads.map((payload) => this.#cipher.open(payload))
        const ends = found.ends.map((end) => ({ segment: number, offset: offset + end }))
        return { payloads, ends, next: { segment: number, offset: offset + found.end } }
      } finally {
        await handle.close()
      }
    }
    return { payloads: [], ends: [], next: from }
  }

  async release(before: SpoolPosition): Promise<void> {
    this.#requireKnown(before)
    this.#released = before
    await this.#note(before)
    await this.#rollWhenOld(before)
    const limit = this.#clock.now() - this.#keepMs
    const newest = this.#segments.at(-1)
    const delivered = this.#segments.filter(
      (one) =>
        one !== newest && (one.number < before.segment || (one.number === before.segment && before.offset >= one.end)),
    )
    let bytes = delivered.reduce((sum, { end }) => sum + end, 0)
    for (const segment of delivered) {
      if (segment.writtenAt >= limit && bytes <= this.maxBytes) break
      await rm(segmentFile(this.#folder, segment.number), { force: true })
      this.#segments.splice(this.#segments.indexOf(segment), 1)
      bytes -= segment.end
    }
  }

  async #note({ segment, offset }: SpoolPosition): Promise<void> {
    const now = this.#clock.now()
    if (now - this.#notedAt < NOTE_MS) return
    this.#notedAt = now
    const file = join(this.#folder, NOTE)
    await writeFile(`${file}.new`, `${segment} ${offset}`)
    await rename(`${file}.new`, file)
  }

  /** The newest segment may hold delivered records for long where few come: it gives way to an empty one, and can go. */
  async #rollWhenOld({ segment, offset }: SpoolPosition): Promise<void> {
    const newest = this.#segments.at(-1)
    if (newest === undefined || newest.end === 0 || newest.writtenAt >= this.#clock.now() - this.#keepMs) return
    if (segment !== newest.number || offset < newest.end || this.#writer.queuedBytes > 0) return
    await this.#writer.roll()
  }

  #requireKnown({ segment, offset }: SpoolPosition): void {
    const last = this.#segments.at(-1) ?? { number: 0, end: 0 }
    if (segment < last.number || (segment === last.number && offset <= last.end)) return
    const text = `${segment}/${offset} of the spool in ${this.#folder}: it ends at ${last.number}/${last.end}`
    throw new KappaError('STATE_MISMATCH', `reading from ${text}; was it restored from an older copy?`)
  }

  #ring(): void {
    for (const wake of this.#bells) wake()
  }

  async more(from: SpoolPosition, milliseconds: number, signal?: AbortSignal): Promise<void> {
    if (this.#behind(from) !== undefined) return
    const over = new AbortController()
    const wake = () => over.abort()
    this.#bells.add(wake)
    await this.#clock.sleep(milliseconds, signal === undefined ? over.signal : AbortSignal.any([over.signal, signal]))
    this.#bells.delete(wake)
  }

  async close(): Promise<void> {
    await this.#writer.close()
    this.#ring()
  }
}
