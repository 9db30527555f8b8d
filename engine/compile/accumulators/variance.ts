import type { Accumulator } from './accumulator.ts'
import { misfitOf, type Summand } from './summand.ts'

/** What a variance becomes in the end. */
export interface Spread {
  readonly of: 'sample' | 'population'
  readonly root: boolean
}

/** @param scale of an exact decimal: the result is in units */
export const spreading = (kind: Summand, scale: number, spread: Spread): Accumulator =>
  kind === 'double' ? moments(spread) : exactSums(kind, scale, spread)

const least = ({ of }: Spread): number => (of === 'sample' ? 2 : 1)
const finished = (variance: number, { root }: Spread): number => (root ? Math.sqrt(variance) : variance)

/**
 * Integers and decimals: number of values, their sum, the sum of their squares, all exact, so that the order of additions
 * does not show and nothing cancels.
 */
function exactSums(kind: Summand, scale: number, spread: Spread): Accumulator {
  return {
    width: 3,
    ordered: false,
    start(slots, at) {
      slots[at] = 0
      slots[at + 1] = slots[at + 2] = 0n
    },
    misfit: misfitOf[kind],
    add(slots, at, value) {
      if (value === null) return
      const exact = BigInt(value as number | bigint)
      slots[at] = (slots[at] as number) + 1
      slots[at + 1] = (slots[at + 1] as bigint) + exact
      slots[at + 2] = (slots[at + 2] as bigint) + exact * exact
    },
    merge(slots, at, from) {
      slots[at] = (slots[at] as number) + (from[at] as number)
      slots[at + 1] = (slots[at + 1] as bigint) + (from[at + 1] as bigint)
      slots[at + 2] = (slots[at + 2] as bigint) + (from[at + 2] as bigint)
    },
    result(slots, at) {
      const count = slots[at] as number
      if (count < least(spread)) return null
      const n = BigInt(count)
      const sum = slots[at + 1] as bigint
      const above = n * (slots[at + 2] as bigint) - sum * sum
      const below = n * (spread.of === 'sample' ? n - 1n : n)
      return finished(Number(above) / Number(below) / 10 ** (2 * scale), spread)
    },
  }
}

/**
 * Doubles: number of values, mean, sum of squared differences from it (Welford 1962); two parts are put together by Chan,
 * Golub and LeVeque, "Updating Formulae and a Pairwise Algorithm for Computing Sample Variances" (1979).
 */
function moments(spread: Spread): Accumulator {
  return {
    width: 3,
    ordered: true,
    start(slots, at) {
      slots[at] = slots[at + 1] = slots[at + 2] = 0
    },
    misfit: misfitOf.double,
    add(slots, at, value) {
      if (value === null) return
      const count = (slots[at] as number) + 1
      const before = slots[at + 1] as number
      const difference = (value as number) - before
      const mean = before + difference / count
      slots[at] = count
      slots[at + 1] = mean
      slots[at + 2] = (slots[at + 2] as number) + difference * ((value as number) - mean)
    },
    merge(slots, at, from) {
      const more = from[at] as number
      if (more === 0) return
      const count = slots[at] as number
      const both = count + more
      const difference = (from[at + 1] as number) - (slots[at + 1] as number)
      slots[at] = both
      slots[at + 1] = (slots[at + 1] as number) + (difference * more) / both
      slots[at + 2] =
        (slots[at + 2] as number) + (from[at + 2] as number) + (difference * difference * count * more) / both
    },
    result(slots, at) {
      const count = slots[at] as number
      if (count < least(spread)) return null
      return finished((slots[at + 2] as number) / (spread.of === 'sample' ? count - 1 : count), spread)
    },
  }
}
