/**
 * Murmur2 as Java's Kafka client computes it (org.apache.kafka.common.utils.Utils#murmur2), 32 bit, signed. Every producer
 * of ours places records by it, so that equal keys of two topics share a partition number.
 */
export function murmur2(bytes: Uint8Array): number {
  const m = 0x5bd1e995
  const length = bytes.length
  let h = 0x9747b28c ^ length
  const whole = length & ~3
  for (let i = 0; i < whole; i += 4) {
    let k =
      (bytes[i] as number) |
      ((bytes[i + 1] as number) << 8) |
      ((bytes[i + 2] as number) << 16) |
      ((bytes[i + 3] as number) << 24)
    k = Math.imul(k, m)
    k ^= k >>> 24
    k = Math.imul(k, m)
    h = Math.imul(h, m) ^ k
  }
  const rest = length & 3
  if (rest === 3) h ^= (bytes[whole + 2] as number) << 16
  if (rest >= 2) h ^= (bytes[whole + 1] as number) << 8
  if (rest >= 1) h = Math.imul(h ^ (bytes[whole] as number), m)
  h ^= h >>> 13
  h = Math.imul(h, m)
  return h ^ (h >>> 15)
}

/** The partition of a key among `partitions`. */
export const partitionOf = (key: Uint8Array, partitions: number): number => (murmur2(key) & 0x7fffffff) % partitions
