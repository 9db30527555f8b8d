import { gunzipSync } from 'node:zlib'
import { KappaError } from '#engine/errors'

const BLOCK = 512

/**
 * The plain files of a gzipped tar archive in memory (POSIX.1-1988 ustar), by name: what Python's source distributions are.
 * Throws DECODE_FAILED for what is no such archive.
 */
export function tarFiles(archive: Buffer, name: string): ReadonlyMap<string, () => Buffer> {
  const tar = unzipped(archive, name)
  const files = new Map<string, () => Buffer>()
  for (let at = 0; at + BLOCK <= tar.length && tar[at] !== 0; ) {
    const size = Number.parseInt(text(tar, at + 124, 12), 8)
    if (text(tar, at + 257, 5) !== 'ustar' || Number.isNaN(size))
      throw new KappaError('DECODE_FAILED', `unpacking ${name}: it is no ustar archive at byte ${at}`)
    const kind = text(tar, at + 156, 1)
    const prefix = text(tar, at + 345, 155)
    const start = at + BLOCK
    const file = prefix === '' ? text(tar, at, 100) : `${prefix}/${text(tar, at, 100)}`
    if (kind === '' || kind === '0') files.set(file, () => tar.subarray(start, start + size))
    at = start + Math.ceil(size / BLOCK) * BLOCK
  }
  return files
}

function unzipped(archive: Buffer, name: string): Buffer {
  try {
    return gunzipSync(archive)
  } catch (cause) {
    throw new KappaError('DECODE_FAILED', `unpacking ${name}`, { cause })
  }
}

const text = (bytes: Buffer, at: number, length: number): string =>
  bytes.toString('utf8', at, at + length).replace(/\0.*$/s, '')
