import { inflateRawSync } from 'node:zlib'
import { KappaError } from '#engine/errors'

const END = 0x06054b50
const CENTRAL = 0x02014b50
const END_BYTES = 22
const LOCAL_BYTES = 30

/**
 * The files of a zip archive in memory (APPNOTE 6.3.10), by name: stored and deflated entries, no zip64 and no encryption,
 * as Python wheels are. Content is inflated when asked for. Throws DECODE_FAILED for what is no such archive.
 */
export function zipFiles(archive: Buffer, name: string): ReadonlyMap<string, () => Buffer> {
  const refuse = (why: string): never => {
    throw new KappaError('DECODE_FAILED', `unpacking ${name}: ${why}`)
  }
  let end = archive.length - END_BYTES
  while (end >= 0 && archive.readUInt32LE(end) !== END) end--
  if (end < 0) return refuse('it is no zip archive')
  const files = new Map<string, () => Buffer>()
  let at = archive.readUInt32LE(end + 16)
  for (let left = archive.readUInt16LE(end + 10); left > 0; left--) {
    if (archive.readUInt32LE(at) !== CENTRAL) refuse('its directory is broken')
    const method = archive.readUInt16LE(at + 10)
    const [packed, size] = [archive.readUInt32LE(at + 20), archive.readUInt32LE(at + 24)]
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((offset) => archive.readUInt16LE(at + offset))
    const local = archive.readUInt32LE(at + 42)
    const file = archive.toString('utf8', at + 46, at + 46 + (nameBytes ?? 0))
    files.set(file, () => {
      const start = local + LOCAL_BYTES + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28)
      const bytes = archive.subarray(start, start + packed)
      if (method !== 0 && method !== 8) refuse(`${file} is packed by method ${method}`)
      const content = method === 0 ? bytes : inflateRawSync(bytes)
      return content.length === size ? content : refuse(`${file} has ${content.length} bytes instead of ${size}`)
    })
    at += 46 + (nameBytes ?? 0) + (extraBytes ?? 0) + (commentBytes ?? 0)
  }
  return files
}
