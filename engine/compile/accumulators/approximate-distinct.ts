import type { Accumulator } from './accumulator.ts'
import { uncountable } from './countable.ts'
import { HyperLogLog } from './hyperloglog.ts'
import { Kind } from './living.ts'
import { murmur3 } from './murmur3.ts'

/** Seeds of the two halves of a hash; never to change. */
const PLACE = 0x9747b28c
const RANK = 0x3c6ef372

let bytes = Buffer.allocUnsafeSlow(1024)

/** Writes what a value is told apart by into `bytes`; how many there are. */
function written(value: unknown): number {
  if (typeof value === 'number') return bytes.writeDoubleLE(value === 0 ? 0 : value, 0)
  if (value instanceof Uint8Array) {
    if (value.length > bytes.length) bytes = Buffer.allocUnsafeSlow(value.length)
    bytes.set(value)
    return value.length
  }
  const text = typeof value === 'string' ? value : String(value)
  // No UTF-16 unit takes more than three bytes.
  if (text.length * 3 > bytes.length) bytes = Buffer.allocUnsafeSlow(text.length * 3)
  return bytes.write(text, 'utf8')
}

/** One slot: a sketch. */
export function sketchingDistinct(precision: number): Accumulator {
  const kind = new Kind(HyperLogLog, (state) => HyperLogLog.read(precision, state as Buffer))
  return {
    width: 1,
    ordered: false,
    start(slots, at) {
      slots[at] = new HyperLogLog(precision)
    },
    misfit: uncountable,
    add(slots, at, value) {
      if (value === null) return
      const length = written(value)
      kind.in(slots, at).add(murmur3(bytes, length, PLACE), murmur3(bytes, length, RANK))
    },
    merge: (slots, at, from) => kind.in(slots, at).merge(kind.of(from, at)),
    result: (slots, at) => kind.of(slots, at).estimate(),
  }
}
