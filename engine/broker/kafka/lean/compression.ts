import zlib from 'node:zlib'
import { decompress as unzstd } from 'fzstd'
import { decompressFrameSync } from 'lz4-napi'
import { uncompressSync as unsnappy } from 'snappy'
import { type Batch, BrokenBatch } from './batch.ts'
import { own } from './own.ts'

/** Node's own, from 22.15 on; before that a library in plain JavaScript. */
const native = (zlib as { zstdDecompressSync?: (bytes: Buffer) => Buffer }).zstdDecompressSync

/** First bytes of the framing that Java's snappy stream writes around its blocks; other clients write one bare block. */
const XERIAL = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0])
const XERIAL_HEADER = 16

/**
 * The records of a batch, uncompressed, in a buffer that holds this batch and nothing else: whoever keeps a record keeps
 * its batch's bytes alive, never the whole fetch. Throws BrokenBatch.
 */
export function recordsOf(batch: Batch): Buffer {
  const packed = batch.bytes.subarray(batch.recordsAt, batch.end)
  try {
    switch (batch.codec) {
      case 'none':
        return own(packed)
      case 'gzip':
        return zlib.gunzipSync(packed)
      case 'snappy':
        return unpackSnappy(packed)
      case 'lz4':
        return decompressFrameSync(packed)
      case 'zstd':
        return native ? native(packed) : bufferOver(unzstd(packed))
    }
  } catch (thrown) {
    throw new BrokenBatch(`the batch at ${batch.baseOffset} does not decompress (${batch.codec})`, { cause: thrown })
  }
}

function unpackSnappy(packed: Buffer): Buffer {
  if (!packed.subarray(0, XERIAL.length).equals(XERIAL)) return block(packed)
  const blocks: Buffer[] = []
  for (let at = XERIAL_HEADER; at < packed.length; ) {
    const length = packed.readInt32BE(at)
    if (length < 0 || at + 4 + length > packed.length) throw new RangeError(`a block of ${length} bytes at ${at}`)
    blocks.push(block(packed.subarray(at + 4, at + 4 + length)))
    at += 4 + length
  }
  const [only] = blocks
  return only !== undefined && blocks.length === 1 ? only : Buffer.concat(blocks)
}

const block = (packed: Buffer): Buffer => unsnappy(packed, { asBuffer: true }) as Buffer

const bufferOver = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
