import { isUtf8 } from 'node:buffer'
import { KappaError } from '#engine/errors'

/** What to do with UTF-8 that was read as another encoding and saved again. */
export type MisreadPolicy = 'reject' | 'repair' | 'keep'

export interface Encoding {
  /** A label of the WHATWG Encoding Standard, e.g. `utf-8`, `windows-1252`, `macintosh`. */
  readonly label: string
  readonly misread: MisreadPolicy
}

/** Text of bytes, or why they are none; `found` is then the text as it stands, where there is one. */
export type Decoded = { readonly text: string } | { readonly reason: string; readonly found?: string }

/**
 * A decoder that takes nothing for granted: bytes that the encoding does not have are a reason, not a replacement
 * character. Throws CONFIG_INVALID for a label that nobody knows, and for encodings in which a line feed is not one byte.
 */
export function decoderOf({ label, misread }: Encoding): (bytes: Buffer) => Decoded {
  let decoder: InstanceType<typeof TextDecoder>
  try {
    decoder = new TextDecoder(label, { fatal: true })
  } catch (cause) {
    throw new KappaError('CONFIG_INVALID', `reading files as ${label}: there is no such encoding`, { cause })
  }
  if (decoder.encoding.startsWith('utf-16'))
    throw new KappaError('CONFIG_INVALID', `reading files as ${label}: turn them into UTF-8 first`)
  if (decoder.encoding === 'utf-8') return (bytes) => fromUtf8(bytes, misread)
  return (bytes) => {
    try {
      return { text: decoder.decode(bytes) }
    } catch {
      return { reason: `not ${label}` }
    }
  }
}

function fromUtf8(bytes: Buffer, misread: MisreadPolicy): Decoded {
  if (!isUtf8(bytes)) {
    const at = firstOutside(bytes)
    return { reason: `not UTF-8: byte 0x${(bytes[at] ?? 0).toString(16).padStart(2, '0')} at ${at} of the record` }
  }
  const text = bytes.toString('utf8')
  if (misread === 'keep' || text.length === bytes.length) return { text }
  const meant = misreadOf(text)
  if (meant === undefined) return { text }
  if (misread === 'repair') return { text: meant.text }
  return { reason: `UTF-8 that was read as ${meant.as} and saved again`, found: text }
}

/** The first byte at which UTF-8 ends. */
function firstOutside(bytes: Buffer): number {
  let [low, high] = [0, bytes.length]
  while (low < high) {
    const middle = (low + high + 1) >> 1
    // a prefix may end within a character: up to three bytes more are looked at
    const whole = [0, 1, 2, 3].some((less) => middle - less >= 0 && isUtf8(bytes.subarray(0, middle - less)))
    if (whole) low = middle
    else high = middle - 1
  }
  let at = low
  while (at > 0 && !isUtf8(bytes.subarray(0, at))) at--
  return at
}

const MISREADERS = [
  { label: 'macintosh', name: 'Mac Roman' },
  { label: 'windows-1252', name: 'Windows-1252' },
].map(({ label, name }) => {
  const high = new TextDecoder(label).decode(Uint8Array.from({ length: 128 }, (_, i) => 128 + i))
  return { name, byteOf: new Map([...high].map((character, i) => [character, 128 + i])) }
})

/**
 * What text was before it was read in a one-byte encoding and saved as UTF-8: its characters, taken back to the bytes of
 * that encoding, are UTF-8 throughout. Honest text hardly ever is: a lone `é` is no UTF-8 in either encoding.
 */
export function misreadOf(text: string): { readonly text: string; readonly as: string } | undefined {
  for (const { name, byteOf } of MISREADERS) {
    const bytes = Buffer.alloc(text.length)
    let length = 0
    for (const character of text) {
      const code = character.charCodeAt(0)
      const byte = code < 128 ? code : byteOf.get(character)
      if (byte === undefined) {
        length = -1
        break
      }
      bytes[length++] = byte
    }
    if (length < 0) continue
    const original = bytes.subarray(0, length)
    if (isUtf8(original)) return { text: original.toString('utf8'), as: name }
  }
  return undefined
}
