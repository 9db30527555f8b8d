import { open, readdir, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { LARGEST_FRAME, unframed } from './frame.ts'

/** A file of records. The one with the highest number is written to; the others never change any more. */
export interface Segment {
  readonly number: number
  /** Bytes of whole records that are known to be on disk. */
  end: number
  /** When it was last written to, wall clock, milliseconds. */
  writtenAt: number
}

const NAME = /^(\d{12})\.spool$/

export const segmentFile = (folder: string, number: number): string =>
  join(folder, `${String(number).padStart(12, '0')}.spool`)

export async function segmentNumbers(folder: string): Promise<number[]> {
  const numbers = (await readdir(folder)).map((name) => NAME.exec(name)?.[1]).filter((digits) => digits !== undefined)
  return numbers.map(Number).sort((a, b) => a - b)
}

/**
 * What a crash left of a segment. In the `last` one, whatever stands behind the last whole record was never acknowledged,
 * and is cut off; elsewhere it is damage, and its bytes are told to `onDamage`.
 */
export async function recovered(
  folder: string,
  number: number,
  last: boolean,
  take: (payload: Buffer, writtenAt: number) => void,
  onDamage: (text: string) => void,
): Promise<Segment> {
  const file = segmentFile(folder, number)
  const handle = await open(file, 'r')
  let end = 0
  let size: number
  let writtenAt: number
  try {
    const stat = await handle.stat()
    size = stat.size
    writtenAt = stat.mtimeMs
    for (;;) {
      const bytes = await readAt(handle, end, Math.min(size - end, 4 * LARGEST_FRAME))
      const { payloads, end: length } = unframed(bytes)
      for (const payload of payloads) take(payload, writtenAt)
      if (length === 0) break
      end += length
    }
  } finally {
    await handle.close()
  }
  if (end < size && last) await truncate(file, end)
  else if (end < size) onDamage(`${file}: ${size - end} bytes from ${end} on are damaged; records in them are lost`)
  return { number, end, writtenAt }
}

/** `length` bytes, or fewer where the file ends. */
export async function readAt(
  handle: { read(buffer: Buffer, offset: number, length: number, position: number): Promise<{ bytesRead: number }> },
  position: number,
  length: number,
): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length)
  let filled = 0
  while (filled < length) {
    const { bytesRead } = await handle.read(buffer, filled, length - filled, position + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return buffer.subarray(0, filled)
}
