import type { Factors } from './als.ts'
import type { Sparse } from './bought.ts'

export interface Ranked {
  /** Columns, the best first; equals by column. */
  readonly columns: readonly number[]
  readonly scores: readonly number[]
}

/** Every product's score for a household, in `into`. */
export function scoresOf({ factors, households, products }: Factors, row: number, into: Float64Array): Float64Array {
  const at = row * factors
  for (let column = 0; column < into.length; column++) {
    let sum = 0
    for (let i = 0; i < factors; i++) sum += (households[at + i] as number) * (products[column * factors + i] as number)
    into[column] = sum
  }
  return into
}

/** The columns with the highest scores, those of a sparse row left out where it is given. */
export function best(
  scores: Float64Array,
  most: number,
  without?: { readonly matrix: Sparse; readonly row: number },
): Ranked {
  const left = new Set<number>()
  if (without !== undefined) {
    const { matrix, row } = without
    for (let i = matrix.starts[row] ?? 0; i < (matrix.starts[row + 1] ?? 0); i++) left.add(matrix.at[i] ?? 0)
  }
  // A heap whose root is the worst that is kept.
  const heap: number[] = []
  const worse = (a: number, b: number): boolean => {
    const [x, y] = [scores[a] as number, scores[b] as number]
    return x < y || (x === y && a > b)
  }
  for (let column = 0; column < scores.length; column++) {
    if (heap.length === most) {
      const root = heap[0]
      if (root === undefined || !worse(root, column) || left.has(column)) continue
      heap[0] = column
      sink(heap, worse)
    } else if (!left.has(column)) {
      heap.push(column)
      rise(heap, worse)
    }
  }
  const columns = heap.sort((a, b) => (worse(a, b) ? 1 : -1))
  return { columns, scores: columns.map((column) => scores[column] as number) }
}

type Worse = (a: number, b: number) => boolean

function rise(heap: number[], worse: Worse): void {
  for (let at = heap.length - 1; at > 0; ) {
    const above = (at - 1) >> 1
    if (!worse(heap[at] as number, heap[above] as number)) return
    swap(heap, at, above)
    at = above
  }
}

function sink(heap: number[], worse: Worse): void {
  for (let at = 0; ; ) {
    let least = at
    for (const below of [2 * at + 1, 2 * at + 2])
      if (below < heap.length && worse(heap[below] as number, heap[least] as number)) least = below
    if (least === at) return
    swap(heap, at, least)
    at = least
  }
}

function swap(heap: number[], a: number, b: number): void {
  const kept = heap[a] as number
  heap[a] = heap[b] as number
  heap[b] = kept
}
