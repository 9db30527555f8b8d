/** Longer ones are decoded each time. */
const LONGEST = 32
/** A power of two: places by the low bits of the hash. At most so many short texts are kept, about 4 MB. */
const PLACES = 1 << 16
let kept: (string | undefined)[] | undefined

/**
 * UTF-8 text of `[start, end)`. Short ASCII texts are made once and given again: a key stands in the block of every commit
 * that changes it and in every window, and a text that was hashed before is found in a map at once.
 */
export function textOf(bytes: Buffer, start: number, end: number): string {
  const size = end - start
  if (size > LONGEST) return bytes.toString('utf8', start, end)
  // FNV-1a (draft-eastlake-fnv).
  let hash = 0x811c9dc5
  let every = 0
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number
    every |= byte
    hash = Math.imul(hash ^ byte, 0x01000193)
  }
  if (every > 0x7f) return bytes.toString('utf8', start, end)
  kept ??= new Array(PLACES).fill(undefined)
  const place = (hash ^ (hash >>> 16)) & (PLACES - 1)
  const found = kept[place]
  if (found !== undefined && found.length === size && same(found, bytes, start)) return found
  const made = bytes.toString('latin1', start, end)
  kept[place] = made
  return made
}

function same(text: string, bytes: Buffer, start: number): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[start + i]) return false
  return true
}
