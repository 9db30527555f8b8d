import { ByteReader, ByteWriter } from '#engine/state'
import type { Living } from './living.ts'

/** Bits that ranks are counted in. With at most 16 more for the register that is plenty: billions of values. */
const RANK_BITS = 32
const SPARSE = 0
const DENSE = 1

/**
 * HyperLogLog: 2 ^ precision registers, each the highest rank (leading zeros + 1) of the hashes that fell to it. Registers
 * only rise, so neither order nor repetition shows. Few registers are held and written one by one.
 *
 * Flajolet, Fusy, Gandouet, Meunier 2007; the estimator is the improved raw one of Ertl, "New cardinality estimation
 * algorithms for HyperLogLog sketches" 2017: no thresholds and no tables.
 */
export class HyperLogLog implements Living {
  readonly precision: number
  #sparse: Map<number, number> | undefined = new Map()
  #dense: Uint8Array | undefined

  constructor(precision: number) {
    this.precision = precision
  }

  get #registers(): number {
    return 2 ** this.precision
  }

  /** @param place 32 bits that choose the register; @param hash 32 other bits, whose leading zeros are counted */
  add(place: number, hash: number): void {
    this.#raise(place >>> (32 - this.precision), Math.clz32(hash) + 1)
  }

  #raise(register: number, rank: number): void {
    if (this.#dense) {
      if (rank > (this.#dense[register] as number)) this.#dense[register] = rank
      return
    }
    const sparse = this.#sparse as Map<number, number>
    if (rank <= (sparse.get(register) ?? 0)) return
    sparse.set(register, rank)
    // A register of its own takes some forty bytes here, and up to three where it is written.
    if (sparse.size * 16 > this.#registers) this.#spread(sparse)
  }

  #spread(sparse: ReadonlyMap<number, number>): void {
    const dense = new Uint8Array(this.#registers)
    for (const [register, rank] of sparse) dense[register] = rank
    this.#dense = dense
    this.#sparse = undefined
  }

  merge(other: HyperLogLog): void {
    if (other.#dense) {
      for (let register = 0; register < other.#dense.length; register++) {
        const rank = other.#dense[register] as number
        if (rank > 0) this.#raise(register, rank)
      }
    } else for (const [register, rank] of other.#sparse ?? []) this.#raise(register, rank)
  }

  /** The number of different values, to the nearest integer. */
  estimate(): number {
    const registers = this.#registers
    const counts: number[] = new Array(RANK_BITS + 2).fill(0)
    const ranks = this.#dense ?? this.#sparse?.values() ?? []
    for (const rank of ranks) counts[rank] = (counts[rank] as number) + 1
    if (!this.#dense) counts[0] = registers - (this.#sparse?.size ?? 0)
    let z = registers * tau(1 - (counts[RANK_BITS + 1] as number) / registers)
    for (let rank = RANK_BITS; rank >= 1; rank--) z = 0.5 * (z + (counts[rank] as number))
    z += registers * sigma((counts[0] as number) / registers)
    return Math.round((registers * registers) / (2 * Math.LN2 * z))
  }

  toState(): unknown {
    const writer = new ByteWriter()
    writer.byte(this.#dense ? DENSE : SPARSE)
    if (this.#dense) writer.bytes(this.#dense)
    else {
      // By register, so that equal sketches are equal bytes.
      for (const [register, rank] of [...(this.#sparse ?? [])].sort(([a], [b]) => a - b)) {
        writer.varint(register)
        writer.byte(rank)
      }
    }
    return writer.take()
  }

  static read(precision: number, state: Buffer): HyperLogLog {
    const sketch = new HyperLogLog(precision)
    const reader = new ByteReader(state)
    if (reader.byte() === DENSE) {
      sketch.#dense = reader.bytes()
      sketch.#sparse = undefined
    } else while (!reader.done) sketch.#raise(reader.varint(), reader.byte())
    return sketch
  }
}

/** Ertl 2017, algorithm 6: what registers that nothing fell to say. */
function sigma(share: number): number {
  if (share === 1) return Number.POSITIVE_INFINITY
  let x = share
  let y = 1
  let z = share
  for (;;) {
    x *= x
    const before = z
    z += x * y
    y += y
    if (z === before) return z
  }
}

/** Ertl 2017, algorithm 6: what registers that are full say. */
function tau(share: number): number {
  if (share === 0 || share === 1) return 0
  let x = share
  let y = 1
  let z = 1 - share
  for (;;) {
    x = Math.sqrt(x)
    const before = z
    y *= 0.5
    z -= (1 - x) ** 2 * y
    if (z === before) return z / 3
  }
}
