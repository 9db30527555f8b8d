import { randomFrom } from '../random.ts'
import { type Sparse, transposed } from './bought.ts'

/**
 * Alternating least squares for what people did, not what they said: Hu, Koren, Volinsky 2008, "Collaborative Filtering for
 * Implicit Feedback Datasets". A household's preference for a product is 1 where it bought it, else 0, and is believed with
 * confidence c = 1 + alpha * weight(times). Minimised over factors x of households and y of products:
 *
 *   sum over all pairs of c (p - x·y)²  +  regularization (sum of |x|² + sum of |y|²)
 *
 * Each half step solves, row by row, (Y'Y + Y'(C − 1)Y + regularization) x = Y'C p, begun where the row stood, by a few steps
 * of conjugate gradients (Takács, Pilászy, Tikk 2011, "Applications of the Conjugate Gradient Method for Implicit Feedback
 * Collaborative Filtering"). Additions, products, divisions and square roots of doubles in a fixed order: the same input, settings and
 * seed give the same bits on every machine.
 */
export interface AlsSettings {
  readonly factors: number
  readonly regularization: number
  readonly alpha: number
  readonly iterations: number
  readonly seed: number
}

export interface Factors {
  readonly factors: number
  /** Row by row, `factors` numbers each. */
  readonly households: Float64Array
  readonly products: Float64Array
  /** What was minimised, at the end, by pair of a household and a product. */
  readonly loss: number
}

const CG_STEPS = 3
const SMALL = 1e-20

/** Hears how many rows are solved, of how many in all; may give way to others, and stops the training by throwing. */
export type Pulse = (done: number, total: number) => Promise<void> | void

/** Rows between two pulses: some tenths of a second. */
const ROWS_A_PULSE = 512

export async function alternatingLeastSquares(
  bought: Sparse,
  settings: AlsSettings,
  pulse: Pulse = () => {},
): Promise<Factors> {
  const { factors, iterations, seed } = settings
  const byHousehold = confidences(bought, settings)
  const byProduct = transposed(byHousehold)
  const random = randomFrom(seed)
  const households = begin(bought.rows, factors, random)
  const products = begin(bought.columns, factors, random)
  const total = iterations * (bought.rows + bought.columns)
  let done = 0
  const halfStep = async (rows: Sparse, own: Float64Array, others: Float64Array) => {
    const gram = gramOf(others, factors, settings.regularization)
    for (let first = 0; first < rows.rows; first += ROWS_A_PULSE) {
      const behind = Math.min(first + ROWS_A_PULSE, rows.rows)
      solveRows(rows, first, behind, own, others, gram, factors)
      done += behind - first
      await pulse(done, total)
    }
  }
  for (let iteration = 0; iteration < iterations; iteration++) {
    await halfStep(byHousehold, households, products)
    await halfStep(byProduct, products, households)
  }
  return { factors, households, products, loss: lossOf(byHousehold, households, products, settings) }
}

/** alpha times the weight, for c − 1. The weight is the square root of the baskets: the tenth says less than the first. */
const confidences = (bought: Sparse, { alpha }: AlsSettings): Sparse => ({
  ...bought,
  times: bought.times.map((times) => alpha * Math.sqrt(times)),
})

/** Small and even around zero: what matters is that no two rows are alike. */
function begin(rows: number, factors: number, random: () => number): Float64Array {
  const all = new Float64Array(rows * factors)
  for (let i = 0; i < all.length; i++) all[i] = (random() - 0.5) * 0.02
  return all
}

/** M'M + lambda: factors × factors. */
function gramOf(matrix: Float64Array, factors: number, lambda: number): Float64Array {
  const gram = new Float64Array(factors * factors)
  for (let row = 0; row < matrix.length; row += factors)
    for (let i = 0; i < factors; i++) {
      const value = matrix[row + i] as number
      for (let j = 0; j <= i; j++) (gram[i * factors + j] as number) += value * (matrix[row + j] as number)
    }
  for (let i = 0; i < factors; i++) {
    for (let j = 0; j < i; j++) gram[j * factors + i] = gram[i * factors + j] as number
    ;(gram[i * factors + i] as number) += lambda
  }
  return gram
}

/** Rows `[first, behind)` of `own`, given `others` and Y'Y + regularization. */
function solveRows(
  rows: Sparse,
  first: number,
  behind: number,
  own: Float64Array,
  others: Float64Array,
  gram: Float64Array,
  factors: number,
): void {
  const [x, r, p, ap] = Array.from({ length: 4 }, () => new Float64Array(factors)) as [F, F, F, F]
  for (let row = first; row < behind; row++) {
    const [from, to] = [rows.starts[row] as number, rows.starts[row + 1] as number]
    const place = row * factors
    if (from === to) {
      own.fill(0, place, place + factors)
      continue
    }
    x.set(own.subarray(place, place + factors))
    // r = Y'C p − A x
    r.fill(0)
    for (let i = from; i < to; i++) {
      const at = (rows.at[i] as number) * factors
      const confidence = rows.times[i] as number
      addScaled(r, others, at, confidence + 1 - confidence * dot(others, at, x))
    }
    for (let i = 0; i < factors; i++) (r[i] as number) -= dot(gram, i * factors, x)
    p.set(r)
    let squared = dot(r, 0, r)
    for (let step = 0; step < CG_STEPS && squared > SMALL; step++) {
      for (let i = 0; i < factors; i++) ap[i] = dot(gram, i * factors, p)
      for (let i = from; i < to; i++) {
        const at = (rows.at[i] as number) * factors
        addScaled(ap, others, at, (rows.times[i] as number) * dot(others, at, p))
      }
      const step = squared / dot(p, 0, ap)
      addScaled(x, p, 0, step)
      addScaled(r, ap, 0, -step)
      const next = dot(r, 0, r)
      const ratio = next / squared
      for (let i = 0; i < factors; i++) p[i] = (r[i] as number) + ratio * (p[i] as number)
      squared = next
    }
    own.set(x, place)
  }
}

type F = Float64Array

/** matrix[at …] · vector */
function dot(matrix: Float64Array, at: number, vector: Float64Array): number {
  let sum = 0
  for (let i = 0; i < vector.length; i++) sum += (matrix[at + i] as number) * (vector[i] as number)
  return sum
}

/** target += scale × matrix[at …] */
function addScaled(target: Float64Array, matrix: Float64Array, at: number, scale: number): void {
  for (let i = 0; i < target.length; i++) (target[i] as number) += scale * (matrix[at + i] as number)
}

/** All pairs at once by the products' squares, then what the pairs that are there differ by. */
function lossOf(rows: Sparse, x: Float64Array, y: Float64Array, { factors, regularization }: AlsSettings): number {
  const gram = gramOf(y, factors, 0)
  const own = new Float64Array(factors)
  let sum = 0
  for (let row = 0; row < rows.rows; row++) {
    own.set(x.subarray(row * factors, (row + 1) * factors))
    for (let i = 0; i < factors; i++) sum += (own[i] as number) * dot(gram, i * factors, own)
    for (let i = rows.starts[row] as number; i < (rows.starts[row + 1] as number); i++) {
      const score = dot(y, (rows.at[i] as number) * factors, own)
      sum += (1 + (rows.times[i] as number)) * (1 - score) ** 2 - score ** 2
    }
  }
  return (sum + regularization * (dot(x, 0, x) + dot(y, 0, y))) / (rows.rows * rows.columns)
}
