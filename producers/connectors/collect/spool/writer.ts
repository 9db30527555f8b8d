import { type FileHandle, open, rm } from 'node:fs/promises'
import { KappaError } from '#engine/errors'
import type { Clock } from '#engine/time'
import { framed, framedLength } from './frame.ts'
import { type Segment, segmentFile } from './segment.ts'

interface Waiting {
  readonly payload: Buffer
  readonly resolve: () => void
  readonly reject: (reason: KappaError) => void
}

/**
 * Appends to the newest segment. Everything that comes while the disk is busy goes with one write and one `fdatasync`
 * (group commit), and is acknowledged behind it.
 */
export class SegmentWriter {
  readonly #folder: string
  readonly #clock: Clock
  readonly #segmentBytes: number
  readonly #onDurable: (bytes: number) => void
  readonly #segments: Segment[]
  #handle: FileHandle | undefined
  #waiting: Waiting[] = []
  #queuedBytes = 0
  #working: Promise<void> | undefined

  /** @param segments of the folder, by number; new ones are added */
  constructor(
    folder: string,
    segments: Segment[],
    options: { clock: Clock; segmentBytes: number; onDurable: (bytes: number) => void },
  ) {
    this.#folder = folder
    this.#segments = segments
    this.#clock = options.clock
    this.#segmentBytes = options.segmentBytes
    this.#onDurable = options.onDurable
  }

  /** Bytes that wait for the disk. */
  get queuedBytes(): number {
    return this.#queuedBytes
  }

  /** Resolves when the payload is on disk. Throws retriable STORE where it cannot be written; nothing of it is kept then. */
  append(payload: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ payload, resolve, reject })
      this.#queuedBytes += framedLength(payload)
      this.#working ??= this.#work()
    })
  }

  /** Begins a new segment, so that the one before can go. */
  async roll(): Promise<void> {
    while (this.#working) await this.#working
    const rolling = this.#next()
    this.#working = rolling.then(
      () => this.#work(),
      () => this.#work(),
    )
    await rolling
  }

  async close(): Promise<void> {
    while (this.#working) await this.#working
    await this.#handle?.close()
    this.#handle = undefined
  }

  async #work(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting
      this.#waiting = []
      const bytes = Buffer.concat(batch.map(({ payload }) => framed(payload)))
      try {
        await this.#write(bytes)
        for (const { resolve } of batch) resolve()
      } catch (cause) {
        const failure = new KappaError('STORE', `writing the spool in ${this.#folder}`, { cause, retriable: true })
        for (const { reject } of batch) reject(failure)
      }
      this.#queuedBytes -= bytes.length
    }
    this.#working = undefined
  }

  async #write(bytes: Buffer): Promise<void> {
    let segment = this.#segments.at(-1)
    if (!segment || !this.#handle || segment.end >= this.#segmentBytes) segment = await this.#next()
    const handle = this.#handle
    if (!handle) throw new Error('the segment is closed')
    try {
      for (let at = 0; at < bytes.length; ) {
        const { bytesWritten } = await handle.write(bytes, at, bytes.length - at, segment.end + at)
        at += bytesWritten
      }
      await handle.datasync()
    } catch (thrown) {
      // What of it is in the file is not acknowledged: it goes, and what comes next begins a file of its own.
      await handle.truncate(segment.end).catch(() => {})
      await handle.close().catch(() => {})
      this.#handle = undefined
      throw thrown
    }
    segment.end += bytes.length
    segment.writtenAt = this.#clock.now()
    this.#onDurable(bytes.length)
  }

  async #next(): Promise<Segment> {
    await this.#handle?.close()
    this.#handle = undefined
    const number = (this.#segments.at(-1)?.number ?? 0) + 1
    const file = segmentFile(this.#folder, number)
    const handle = await open(file, 'wx')
    try {
      await syncFolder(this.#folder)
    } catch (thrown) {
      await handle.close()
      await rm(file, { force: true })
      throw thrown
    }
    this.#handle = handle
    const segment: Segment = { number, end: 0, writtenAt: this.#clock.now() }
    this.#segments.push(segment)
    return segment
  }
}

/** A file's name is on disk only when its folder is. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
