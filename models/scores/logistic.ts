/**
 * Logistic regression with a little ridge, by Newton's method (iteratively reweighted least squares; Hastie, Tibshirani,
 * Friedman, "The Elements of Statistical Learning", 4.4.1). Features are standardised by the rows that it is fitted to.
 */
export interface Logistic {
  readonly means: readonly number[]
  readonly deviations: readonly number[]
  /** The intercept first. */
  readonly weights: readonly number[]
}

/** Weight of the squares, the intercept's left out: keeps weights finite where a feature parts the rows. */
const RIDGE = 1
const MOST_STEPS = 50
const CLOSE = 1e-10

export function fitted(rows: readonly (readonly number[])[], outcomes: readonly boolean[]): Logistic {
  const width = rows[0]?.length ?? 0
  const means = Array.from({ length: width }, (_, j) => mean(rows.map((row) => row[j] ?? 0)))
  const deviations = means.map((middle, j) => Math.sqrt(mean(rows.map((row) => ((row[j] ?? 0) - middle) ** 2))) || 1)
  const standard = rows.map((row) => [1, ...row.map((value, j) => (value - (means[j] ?? 0)) / (deviations[j] ?? 1))])
  const size = width + 1
  const weights = new Array<number>(size).fill(0)
  for (let step = 0; step < MOST_STEPS; step++) {
    const gradient = new Array<number>(size).fill(0)
    const curvature = Array.from({ length: size }, () => new Array<number>(size).fill(0))
    for (const [n, row] of standard.entries()) {
      const p = sigmoid(dot(weights, row))
      const residual = (outcomes[n] === true ? 1 : 0) - p
      for (let i = 0; i < size; i++) {
        const value = row[i] ?? 0
        gradient[i] = (gradient[i] ?? 0) + residual * value
        const line = curvature[i] ?? []
        for (let j = 0; j <= i; j++) line[j] = (line[j] ?? 0) + p * (1 - p) * value * (row[j] ?? 0)
      }
    }
    for (let i = 0; i < size; i++) {
      const line = curvature[i] ?? []
      // A hair on the intercept, for rows that all end alike.
      line[i] = (line[i] ?? 0) + (i === 0 ? 1e-9 : RIDGE)
      if (i > 0) gradient[i] = (gradient[i] ?? 0) - RIDGE * (weights[i] ?? 0)
    }
    const change = solved(curvature, gradient)
    for (let i = 0; i < size; i++) weights[i] = (weights[i] ?? 0) + Math.max(-5, Math.min(5, change[i] ?? 0))
    if (change.every((value) => Math.abs(value) < CLOSE)) break
  }
  return { means, deviations, weights }
}

/** The probability of a row. */
export function probabilityOf({ means, deviations, weights }: Logistic, row: readonly number[]): number {
  let sum = weights[0] ?? 0
  for (const [j, value] of row.entries())
    sum += ((value - (means[j] ?? 0)) / (deviations[j] ?? 1)) * (weights[j + 1] ?? 0)
  return sigmoid(sum)
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / (values.length || 1)
const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0)

/** Solves A x = b for a positive definite A of which the lower half is given (Cholesky). */
function solved(lower: readonly number[][], b: readonly number[]): readonly number[] {
  const size = b.length
  const l = lower.map((line) => [...line])
  const at = (i: number, j: number): number => l[i]?.[j] ?? 0
  for (let j = 0; j < size; j++)
    for (let i = j; i < size; i++) {
      let sum = at(i, j)
      for (let k = 0; k < j; k++) sum -= at(i, k) * at(j, k)
      const line = l[i]
      if (line !== undefined) line[j] = i === j ? Math.sqrt(sum) : sum / at(j, j)
    }
  const x = [...b]
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < i; k++) x[i] = (x[i] ?? 0) - at(i, k) * (x[k] ?? 0)
    x[i] = (x[i] ?? 0) / at(i, i)
  }
  for (let i = size - 1; i >= 0; i--) {
    for (let k = i + 1; k < size; k++) x[i] = (x[i] ?? 0) - at(k, i) * (x[k] ?? 0)
    x[i] = (x[i] ?? 0) / at(i, i)
  }
  return x
}
