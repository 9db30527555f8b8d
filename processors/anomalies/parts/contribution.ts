import { ONE, sharedOut } from '../../marketing/weights.ts'
import { inOrder, type Split } from './split.ts'

/**
 * Which values of a dimension a deviation comes from, as Adtributor asks it (Bhagwan et al., "Adtributor: Revenue Debugging in
 * Advertising Systems", NSDI 2014): *explanatory power* is a value's part of the deviation, *surprise* how much its part of
 * the whole changed (Jensen-Shannon), and the few most surprising values that explain enough of it are the *cause*. Beyond
 * the paper, a cause needs a change that chance does not make, and contributions add up to the deviation exactly.
 */
export interface Contribution {
  readonly dimension: string
  /** Null: all values that are not told one by one. */
  readonly value: string | null
  /** In the smallest unit; of a dimension's values they add up to the whole's. */
  readonly expected: bigint
  readonly actual: bigint
  /** Of the deviation, in units of 10⁻⁹; of a dimension's values they add up to `ONE`, or are 0 where nothing deviates. */
  readonly share: bigint
  /** Its term of the Jensen-Shannon divergence, in nats: 0 to (ln 2) / 2. */
  readonly surprise: number
  readonly cause: boolean
}

/** What deviated. Amounts are whole numbers of the smallest unit. */
export interface Deviation {
  readonly expected: number
  readonly actual: number
  /** How many independent events of one size the actual amount stands for: what chance is judged by. */
  readonly events: number
}

/** Values told one by one, at most, of each dimension. */
export const TOLD = 5

/** Part of the deviation that a set of values has to explain, and that each of them has to (the paper's T_EP and T_EEP). */
const EXPLAINS = 0.67
const EACH = 0.1

/** Where no more values are asked for. The paper stops at T_EP, which of three methods that failed alike would name two. */
const ENOUGH = 0.9

/** Deviations of a standard normal variable beyond which a change is not chance: one in a thousand. */
const BEYOND_CHANCE = 3.09

interface Value {
  readonly value: string | null
  readonly expected: bigint
  readonly actual: bigint
  readonly surprise: number
}

/**
 * Contributions of every dimension in `seen` or `usual`, the most changed dimension first; in it its causes and then the
 * values with the largest difference.
 * @param usual how the amount is divided in ordinary times, in any measure
 * @param seen how the actual amount was divided; what its values do not account for is the rest's
 */
export function contributionsOf(
  usual: readonly Split[],
  seen: readonly Split[],
  deviation: Deviation,
): readonly Contribution[] {
  const dimensions = [...new Set([...usual, ...seen].map(({ dimension }) => dimension))].sort(inOrder)
  return dimensions
    .map((dimension) => {
      const of = (splits: readonly Split[]) => splits.find((split) => split.dimension === dimension)
      const values = valuesOf(of(usual), of(seen), deviation)
      return { dimension, values, surprise: values.reduce((sum, { surprise }) => sum + surprise, 0) }
    })
    .sort((a, b) => b.surprise - a.surprise || inOrder(a.dimension, b.dimension))
    .flatMap(({ dimension, values }) => toldOf(dimension, values, deviation))
}

function valuesOf(usual: Split | undefined, seen: Split | undefined, deviation: Deviation): readonly Value[] {
  const before = new Map(usual?.amounts)
  const now = new Map(seen?.amounts)
  const names = [...new Set([...before.keys(), ...now.keys()])].sort(inOrder)
  const actual = names.map((name) => BigInt(now.get(name) ?? 0))
  actual.push(BigInt(deviation.actual) - total(actual))
  const weights = [...names.map((name) => before.get(name) ?? 0), usual?.rest ?? 0].map((one) =>
    BigInt(Math.round(one)),
  )
  // Where nothing is known of how it is divided, all of it was expected of the rest.
  if (total(weights) === 0n) weights[names.length] = 1n
  const expected = sharedOut(BigInt(deviation.expected), weights)
  return [...names, null].map((value, n) => {
    const [own, was] = [actual[n] ?? 0n, expected[n] ?? 0n]
    return { value, expected: was, actual: own, surprise: surpriseOf(was, own, deviation) }
  })
}

/** `½ (p ln (2p / (p + q)) + q ln (2q / (p + q)))`, rounded to 10⁻⁹: the last bit of a logarithm decides nothing. */
function surpriseOf(expected: bigint, actual: bigint, whole: Deviation): number {
  const p = whole.expected > 0 ? Number(expected) / whole.expected : 0
  const q = whole.actual > 0 ? Number(actual) / whole.actual : p
  if (whole.expected <= 0) return 0
  const term = (one: number): number => (one <= 0 ? 0 : one * Math.log((2 * one) / (p + q)))
  return Math.max(0, Math.round(0.5e9 * (term(p) + term(q))) / 1e9)
}

/** The values told one by one, with what they explain, and the others as one. */
function toldOf(dimension: string, values: readonly Value[], deviation: Deviation): readonly Contribution[] {
  const causes = causesOf(values, deviation)
  const size = (one: Value): bigint => absolute(one.actual - one.expected)
  const others = values
    .filter((one) => one.value !== null && !causes.includes(one) && (one.expected !== 0n || one.actual !== 0n))
    .sort((a, b) => (size(a) === size(b) ? inOrder(a.value ?? '', b.value ?? '') : size(a) > size(b) ? -1 : 1))
  const told = [...causes, ...others].slice(0, TOLD)
  const left = values.filter((one) => !told.includes(one))
  const rest: Value = {
    value: null,
    expected: total(left.map(({ expected }) => expected)),
    actual: total(left.map(({ actual }) => actual)),
    surprise: Math.round(1e9 * left.reduce((sum, { surprise }) => sum + surprise, 0)) / 1e9,
  }
  const all = rest.expected === 0n && rest.actual === 0n ? told : [...told, rest]
  const shares = sharesOf(all.map(({ actual, expected }) => actual - expected))
  return all.map((one, n) => ({ dimension, ...one, share: shares[n] ?? 0n, cause: causes.includes(one) }))
}

/** The most surprising values, until they explain enough; none where they do not, or where chance makes such changes. */
function causesOf(values: readonly Value[], { expected, actual, events }: Deviation): readonly Value[] {
  const surprise = values.reduce((sum, one) => sum + one.surprise, 0)
  const kinds = values.filter((one) => one.expected > 0n || one.actual > 0n).length
  // For small changes eight times the divergence of n events is distributed as χ² (Lin 1991; a second-order expansion).
  if (kinds < 2 || 8 * events * surprise < beyondChance(kinds - 1)) return []
  const causes: Value[] = []
  let explained = 0
  for (const one of [...values].sort((a, b) => b.surprise - a.surprise || inOrder(a.value ?? '', b.value ?? ''))) {
    const part = Number(one.actual - one.expected) / (actual - expected)
    if (one.value === null || one.surprise === 0 || !(part > EACH)) continue
    causes.push(one)
    explained += part
    if (explained >= ENOUGH) break
  }
  return explained >= EXPLAINS && causes.length <= TOLD ? causes : []
}

/** What a χ² variable exceeds once in a thousand times, by its degrees of freedom (Wilson and Hilferty 1931). */
const beyondChance = (freedom: number): number =>
  freedom * (1 - 2 / (9 * freedom) + BEYOND_CHANCE * Math.sqrt(2 / (9 * freedom))) ** 3

/** Parts of a whole that may have either sign, in units of 10⁻⁹. */
function sharesOf(differences: readonly bigint[]): readonly bigint[] {
  const whole = total(differences)
  if (whole === 0n) return differences.map(() => 0n)
  return sharedOut(ONE, whole > 0n ? differences : differences.map((one) => -one))
}

const total = (amounts: readonly bigint[]): bigint => amounts.reduce((sum, one) => sum + one, 0n)
const absolute = (amount: bigint): bigint => (amount < 0n ? -amount : amount)
