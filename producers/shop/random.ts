/**
 * A seeded source of chance: the same seed gives the same sequence on every machine. sfc32 (Chris Doty-Humphrey,
 * PractRand), seeded by the text of `seed` through FNV-1a and warmed up.
 */
export class Random {
  private a: number
  private b: number
  private c: number
  private d = 1

  constructor(seed: string) {
    let hash = 0x811c9dc5
    for (let i = 0; i < seed.length; i++) hash = Math.imul(hash ^ seed.charCodeAt(i), 0x01000193)
    this.a = hash
    this.b = hash ^ 0x9e3779b9
    this.c = Math.imul(hash, 0x85ebca6b)
    for (let i = 0; i < 12; i++) this.next()
  }

  /** In `[0, 1)`. */
  next(): number {
    const sum = (((this.a + this.b) | 0) + this.d) | 0
    this.d = (this.d + 1) | 0
    this.a = this.b ^ (this.b >>> 9)
    this.b = (this.c + (this.c << 3)) | 0
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0
    return (sum >>> 0) / 4_294_967_296
  }

  /** In `0 … below − 1`. */
  integer(below: number): number {
    return Math.floor(this.next() * below)
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  pick<T>(from: readonly T[]): T {
    return from[this.integer(from.length)] as T
  }

  /** Mean `mean`: pauses between independent arrivals. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.next())
  }

  /** Around `median`, skewed to the right: how long people take. */
  logNormal(median: number, spread: number): number {
    const normal = Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next())
    return median * Math.exp(spread * normal)
  }
}

/** Chance of its own for every purpose: what is drawn for one never shifts another. */
export const randomOf = (...seed: readonly (string | number)[]): Random => new Random(seed.join('|'))
