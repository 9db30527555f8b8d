import type { KafkaRecord } from '#engine/broker'

/** Counters held: a key with more than one event in so many is never missed (Metwally et al., Space-Saving, 2005). */
const COUNTERS = 32
/** One record in so many is looked at, on average: counting must not cost what the work itself costs. */
const SAMPLED = 64
/** Before so many records a share says little. */
const LEAST_RECORDS = 100_000
const HOT_SHARE = 0.2

/** A key that takes more than a fifth of a task's records: the task cannot be shared out any further. */
export interface HotKey {
  readonly key: string
  /** At most this share of the records, by the sample. */
  readonly share: number
}

/** Finds the most frequent record key of a task in constant memory. */
export class HotKeys {
  readonly #counts = new Map<string, number>()
  #seen = 0
  #sampled = 0
  #random = 0x2545f491

  take(records: readonly KafkaRecord[]): void {
    this.#seen += records.length
    for (let at = this.#step(); at < records.length; at += 1 + this.#step()) this.#count(records[at]?.key ?? null)
  }

  /** The hottest key, if one is hot. */
  get hot(): HotKey | undefined {
    if (this.#seen < LEAST_RECORDS) return undefined
    let most: HotKey | undefined
    for (const [key, count] of this.#counts) {
      const share = count / this.#sampled
      if (share > HOT_SHARE && share > (most?.share ?? 0)) most = { key, share }
    }
    return most
  }

  /** From 0 to twice the mean: an even stride could keep time with the records. */
  #step(): number {
    this.#random ^= this.#random << 13
    this.#random ^= this.#random >>> 17
    this.#random ^= this.#random << 5
    return (this.#random >>> 0) % (2 * SAMPLED - 1)
  }

  #count(bytes: Buffer | null): void {
    this.#sampled++
    const key = bytes?.toString() ?? ''
    const known = this.#counts.get(key)
    if (known !== undefined || this.#counts.size < COUNTERS) {
      this.#counts.set(key, (known ?? 0) + 1)
      return
    }
    let least = ''
    let count = Number.POSITIVE_INFINITY
    for (const [one, of] of this.#counts) {
      if (of >= count) continue
      least = one
      count = of
    }
    this.#counts.delete(least)
    this.#counts.set(key, count + 1)
  }
}
