/**
 * How an amount is divided by the values of dimensions: what was seen in a window, and what is usual. Plain data of bounded
 * size. Amounts are whole numbers of the smallest unit (cents), so that they add up exactly, in whatever order they come.
 */

/** Values of a dimension that are held by name: the largest. All others are one. */
export const HELD = 32

/** One value's amount. */
export interface Part {
  readonly dimension: string
  readonly value: string
  readonly amount: number
}

/** Amounts of one dimension, in order of its values, and of all values that are not held by name. */
export interface Split {
  readonly dimension: string
  readonly amounts: readonly (readonly [value: string, amount: number])[]
  readonly rest: number
}

/** Order of text by code units: the same on every machine. */
export const inOrder = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Splits one after the other, added up value by value. Dimensions are in order of their names. */
export function together(...many: readonly (readonly Split[])[]): readonly Split[] {
  const all = many.flat()
  const dimensions = [...new Set(all.map(({ dimension }) => dimension))].sort(inOrder)
  return dimensions.map((dimension) => {
    const own = all.filter((split) => split.dimension === dimension)
    const amounts = new Map<string, number>()
    for (const [value, amount] of own.flatMap((split) => split.amounts))
      amounts.set(value, (amounts.get(value) ?? 0) + amount)
    const rest = own.reduce((sum, split) => sum + split.rest, 0)
    return { dimension, amounts: [...amounts].sort(([a], [b]) => inOrder(a, b)), rest }
  })
}

/** The parts of a row. */
export const splitOf = (parts: readonly Part[]): readonly Split[] =>
  together(parts.map(({ dimension, value, amount }) => ({ dimension, amounts: [[value, amount]], rest: 0 })))

/**
 * The same with `HELD` values at most in each dimension, the largest ones (equals by name); the others' amounts are the
 * rest's. A function of the amounts, not of the order in which they came.
 */
export const bounded = (splits: readonly Split[]): readonly Split[] =>
  splits.map((split) => {
    if (split.amounts.length <= HELD) return split
    const largest = [...split.amounts].sort(([a, x], [b, y]) => y - x || inOrder(a, b))
    const least = largest.slice(HELD)
    return {
      dimension: split.dimension,
      amounts: largest.slice(0, HELD).sort(([a], [b]) => inOrder(a, b)),
      rest: least.reduce((sum, [, amount]) => sum + amount, split.rest),
    }
  })

/** What is usual after an ordinary window more: what was before counts `fading` as much. */
export function learned(usual: readonly Split[], seen: readonly Split[], fading: number): readonly Split[] {
  const faded = usual.map(({ dimension, amounts, rest }) => ({
    dimension,
    amounts: amounts.map(([value, amount]) => [value, amount * fading] as const),
    rest: rest * fading,
  }))
  return bounded(together(faded, seen))
}
