/**
 * MurmurHash3_x86_32 (Austin Appleby, public domain), 32 bits unsigned. State depends on it: it never changes.
 * Not for keys of records, whose partitions follow Kafka's murmur2.
 */
export function murmur3(bytes: Uint8Array, length: number, seed: number): number {
  let h = seed
  const whole = length & ~3
  for (let at = 0; at < whole; at += 4) {
    const block =
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24)
    h ^= scrambled(block)
    h = (h << 13) | (h >>> 19)
    h = (Math.imul(h, 5) + 0xe6546b64) | 0
  }
  let rest = 0
  for (let at = length - 1; at >= whole; at--) rest = (rest << 8) | (bytes[at] as number)
  if (length > whole) h ^= scrambled(rest)
  h ^= length
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

const scrambled = (block: number): number => {
  const k = Math.imul(block, 0xcc9e2d51)
  return Math.imul((k << 15) | (k >>> 17), 0x1b873593)
}
