/** Weights have nine decimal places: 1 is this many. */
export const ONE = 1_000_000_000n
/** A touch counts half as much as one so long after it. Milliseconds. */
export const HALF_LIFE = 7 * 86_400_000

/** Shares of one order in its touches, which are in the order of time, in units of 10⁻⁹. Each model's add up to `ONE`. */
export interface Weights {
  readonly firstTouch: readonly bigint[]
  readonly lastTouch: readonly bigint[]
  readonly linear: readonly bigint[]
  readonly timeDecay: readonly bigint[]
}

/**
 * The four models over the touches of an order. `ages`: how long before the order each touch was, milliseconds, the oldest
 * first. Time decay gives 2^(−age / 7 days) of the newest possible touch, rounded to 10⁻⁹ before it is made a share, so that
 * the last bit of a power of two decides nothing.
 */
export function weightsOf(ages: readonly number[]): Weights {
  const last = ages.length - 1
  const power = (age: number): bigint => BigInt(Math.max(1, Math.round(2 ** (-age / HALF_LIFE) * Number(ONE))))
  return {
    firstTouch: ages.map((_, n) => (n === 0 ? ONE : 0n)),
    lastTouch: ages.map((_, n) => (n === last ? ONE : 0n)),
    linear: sharedOut(
      ONE,
      ages.map(() => 1n),
    ),
    timeDecay: sharedOut(ONE, ages.map(power)),
  }
}

/**
 * A whole number in parts that are as large as their weights, and add up to it exactly: each part is what the rounded running
 * total grows by (half up), so that no rounding error is ever more than one half, nor lost. The weights' sum is above zero.
 */
export function sharedOut(whole: bigint, weights: readonly bigint[]): readonly bigint[] {
  const sum = weights.reduce((total, weight) => total + weight, 0n)
  let running = 0n
  let given = 0n
  return weights.map((weight) => {
    running += weight
    const until = floored(2n * whole * running + sum, 2n * sum)
    const part = until - given
    given = until
    return part
  })
}

/** Division towards minus infinity, by a divisor above zero. */
const floored = (dividend: bigint, divisor: bigint): bigint => {
  const quotient = dividend / divisor
  return dividend % divisor < 0n ? quotient - 1n : quotient
}
