import { ByteReader, ByteWriter } from '#engine/state'
import type { Living } from './living.ts'

/** Bins of one sign at most: at 1 % of accuracy values over some 35 powers of ten. */
const MOST_BINS = 4096
/** Magnitudes below count as zero: their logarithm would have no accuracy. */
const LEAST = 2 ** -1022

/**
 * DDSketch (Masson, Rim, Lee, "DDSketch: A Fast and Fully-Mergeable Quantile Sketch with Relative-Error Guarantees",
 * PVLDB 2019): how many values fall between consecutive powers of gamma, so that a bin's middle is at most `accuracy` of
 * the value away. Bins are counted, so order does not show. Should values ever need more bins than there may be, every two
 * become one, uniformly (Epicoco et al., UDDSketch 2020): which depends on the values alone, and costs accuracy for all.
 */
export class DDSketch implements Living {
  readonly accuracy: number
  /** The natural logarithm of gamma: the ratio of a bin's bounds before any was halved. */
  readonly #first: number
  /** How often bins were halved in number; gamma is raised to 2 ^ that. */
  #halved = 0
  #zeros = 0
  #positive: Map<number, number> = new Map()
  #negative: Map<number, number> = new Map()

  constructor(accuracy: number) {
    this.accuracy = accuracy
    this.#first = Math.log1p(accuracy) - Math.log1p(-accuracy)
  }

  /** The same of bins as they are now. */
  get #width(): number {
    return this.#first * 2 ** this.#halved
  }

  add(value: number): void {
    const size = Math.abs(value)
    if (size < LEAST) this.#zeros++
    else {
      const bins = value > 0 ? this.#positive : this.#negative
      const bin = Math.ceil(Math.log(size) / this.#first)
      this.#put(bins, halvedBin(bin, this.#halved), 1)
    }
  }

  #put(bins: Map<number, number>, bin: number, count: number): void {
    bins.set(bin, (bins.get(bin) ?? 0) + count)
    while (this.#positive.size > MOST_BINS || this.#negative.size > MOST_BINS) this.#halve()
  }

  #halve(): void {
    this.#halved++
    this.#positive = halved(this.#positive)
    this.#negative = halved(this.#negative)
  }

  merge(other: DDSketch): void {
    while (this.#halved < other.#halved) this.#halve()
    this.#zeros += other.#zeros
    for (const [bin, count] of other.#positive) this.#meet(other, true, bin, count)
    for (const [bin, count] of other.#negative) this.#meet(other, false, bin, count)
  }

  #meet(other: DDSketch, positive: boolean, bin: number, count: number): void {
    this.#put(positive ? this.#positive : this.#negative, halvedBin(bin, this.#halved - other.#halved), count)
  }

  get count(): number {
    let count = this.#zeros
    for (const one of this.#positive.values()) count += one
    for (const one of this.#negative.values()) count += one
    return count
  }

  /** The values at the quantiles `at`: of n values that at rank q · (n − 1), rounded down. */
  quantiles(at: readonly number[]): number[] {
    const count = this.count
    if (count === 0) return []
    const bins: [value: number, count: number][] = [
      ...sorted(this.#negative, -1).map(([bin, n]): [number, number] => [-this.#middle(bin), n]),
      [0, this.#zeros],
      ...sorted(this.#positive, 1).map(([bin, n]): [number, number] => [this.#middle(bin), n]),
    ]
    return at.map((quantile) => {
      const rank = Math.floor(quantile * (count - 1))
      let below = 0
      for (const [value, n] of bins) {
        below += n
        if (below > rank) return value
      }
      return Number.NaN
    })
  }

  /** Between a bin's bounds where the relative error is the same to both: 2 gamma ^ bin / (gamma + 1). */
  #middle(bin: number): number {
    const width = this.#width
    return Math.min(Number.MAX_VALUE, Math.exp(bin * width - width / 2) / Math.cosh(width / 2))
  }

  toState(): unknown {
    const writer = new ByteWriter()
    writer.varint(this.#halved)
    writer.varint(this.#zeros)
    for (const bins of [this.#negative, this.#positive]) {
      writer.varint(bins.size)
      let before = 0
      // Bin by bin, each by its distance: neighbours take a byte, and equal sketches are equal bytes.
      for (const [bin, count] of sorted(bins, 1)) {
        writer.value(bin - before)
        writer.varint(count)
        before = bin
      }
    }
    return writer.take()
  }

  static read(accuracy: number, state: Buffer): DDSketch {
    const sketch = new DDSketch(accuracy)
    const reader = new ByteReader(state)
    sketch.#halved = reader.varint()
    sketch.#zeros = reader.varint()
    for (const bins of [sketch.#negative, sketch.#positive]) {
      let bin = 0
      for (let left = reader.varint(); left > 0; left--) {
        bin += reader.value() as number
        bins.set(bin, reader.varint())
      }
    }
    return sketch
  }
}

/** Where a bin goes when every two became one, `times` over: bins (2k − 1, 2k) become k. */
const halvedBin = (bin: number, times: number): number => Math.ceil(bin / 2 ** times)

function halved(bins: ReadonlyMap<number, number>): Map<number, number> {
  const result = new Map<number, number>()
  for (const [bin, count] of bins) {
    const to = halvedBin(bin, 1)
    result.set(to, (result.get(to) ?? 0) + count)
  }
  return result
}

const sorted = (bins: ReadonlyMap<number, number>, direction: 1 | -1): [bin: number, count: number][] =>
  [...bins].sort(([a], [b]) => direction * (a - b))
