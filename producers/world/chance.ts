import type { Random } from '../shop/random.ts'

/** How many independent things happen where `mean` are expected: exact (Knuth) for small means, by the normal law for large ones. */
export function poisson(random: Random, mean: number): number {
  if (mean <= 0) return 0
  if (mean > 60) {
    const normal = Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next())
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal))
  }
  const limit = Math.exp(-mean)
  let count = 0
  for (let product = random.next(); product > limit; product *= random.next()) count++
  return count
}

/** Index drawn by weights whose sum is `sum`. */
export function weighted(random: Random, weights: ArrayLike<number>, sum: number): number {
  let rest = random.next() * sum
  for (let i = 0; i < weights.length; i++) {
    rest -= weights[i] ?? 0
    if (rest < 0) return i
  }
  return Math.max(0, weights.length - 1)
}
