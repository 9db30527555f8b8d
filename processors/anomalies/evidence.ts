/**
 * How surprising a count is, as a signed number of standard deviations: the deviance residual, which follows the normal
 * distribution closely down to expectations of a few, where `(seen − expected) / deviation` does not (McCullagh & Nelder,
 * Generalized Linear Models, 2.4). Half an event of continuity correction keeps small counts honest.
 */

/** Where a residual comes from: the same formula for a seen value that need not be whole. */
type Residual = (seen: number) => number

const term = (seen: number, expected: number): number => (seen <= 0 ? 0 : seen * Math.log(seen / expected))

/** Half an event towards what is expected, never beyond it. */
const corrected = (seen: number, expected: number): number =>
  seen > expected ? Math.max(expected, seen - 0.5) : Math.min(expected, seen + 0.5)

/**
 * Of a count with mean `expected` whose own uncertainty and extra variance are `spread`, relative and squared: negative
 * binomial with size `1 / spread`; Poisson where `spread` is 0.
 */
export function countResidual(expected: number, spread: number): Residual {
  const mean = Math.max(expected, 1e-9)
  return (seen) => {
    const value = corrected(seen, mean)
    const size = 1 / Math.max(spread, 1e-9)
    const deviance = 2 * (term(value, mean) - (value + size) * Math.log((value + size) / (mean + size)))
    return Math.sign(value - mean) * Math.sqrt(Math.max(0, deviance))
  }
}

/** Of a number of successes in `trials` with probability `share`, deflated by an extra variance of `1 + spread · trials`. */
export function shareResidual(trials: number, share: number, spread: number): Residual {
  const mean = trials * share
  const inflation = 1 + spread * trials
  return (seen) => {
    const value = Math.min(trials, Math.max(0, corrected(seen, mean)))
    const deviance = 2 * (term(value, mean) + term(trials - value, trials - mean))
    return (Math.sign(value - mean) * Math.sqrt(Math.max(0, deviance))) / Math.sqrt(inflation)
  }
}

/** The values in `[0, most]` whose residual stays within `± limit`, by bisection: the expected band. */
export function band(residual: Residual, expected: number, most: number, limit: number): readonly [number, number] {
  return [edge(residual, expected, 0, -limit), edge(residual, expected, most, limit)]
}

function edge(residual: Residual, inside: number, outside: number, limit: number): number {
  if (Math.abs(residual(outside)) < Math.abs(limit)) return outside
  let [near, far] = [inside, outside]
  for (let i = 0; i < 40; i++) {
    const middle = (near + far) / 2
    if (Math.abs(residual(middle)) < Math.abs(limit)) near = middle
    else far = middle
  }
  return near
}
