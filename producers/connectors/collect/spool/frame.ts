import { crc32 } from 'node:zlib'

/**
 * A record on disk: its length and the CRC-32 of length and payload, 32 bits big endian each, then the payload. No payload is
 * empty, so that zeros, which some file systems leave behind a crash, are no record.
 */
const HEADER = 8

/** Bytes of the largest payload. */
export const LARGEST = 1_048_576

export const framedLength = (payload: Buffer): number => HEADER + payload.length

export function framed(payload: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(HEADER + payload.length)
  frame.writeUInt32BE(payload.length, 0)
  payload.copy(frame, HEADER)
  frame.writeUInt32BE(checksum(frame, 0, payload.length), 4)
  return frame
}

export interface Unframed {
  readonly payloads: readonly Buffer[]
  /** Where each of them ends. */
  readonly ends: readonly number[]
  /** Where the last whole record ends. */
  readonly end: number
  /** What stands there: nothing, the beginning of a record, or what is none. */
  readonly rest: 'nothing' | 'cut' | 'damaged'
}

/** The whole records at the beginning of `bytes`. Payloads are views. */
export function unframed(bytes: Buffer): Unframed {
  const payloads: Buffer[] = []
  const ends: number[] = []
  let at = 0
  while (at < bytes.length) {
    if (bytes.length - at < HEADER) return { payloads, ends, end: at, rest: 'cut' }
    const length = bytes.readUInt32BE(at)
    if (length === 0 || length > LARGEST) return { payloads, ends, end: at, rest: 'damaged' }
    const end = at + HEADER + length
    if (end > bytes.length) return { payloads, ends, end: at, rest: 'cut' }
    if (checksum(bytes, at, length) !== bytes.readUInt32BE(at + 4)) return { payloads, ends, end: at, rest: 'damaged' }
    payloads.push(bytes.subarray(at + HEADER, end))
    ends.push(end)
    at = end
  }
  return { payloads, ends, end: at, rest: 'nothing' }
}

const checksum = (frame: Buffer, at: number, length: number): number =>
  crc32(frame.subarray(at + HEADER, at + HEADER + length), crc32(frame.subarray(at, at + 4)))

/** The most that one record takes on disk. */
export const LARGEST_FRAME = HEADER + LARGEST
