/** A sparse matrix by rows: row i has the columns `at` from `starts[i]` to `starts[i + 1]`, ascending, with `times` beside them. */
export interface Sparse {
  readonly rows: number
  readonly columns: number
  readonly starts: Int32Array
  readonly at: Int32Array
  readonly times: Float64Array
}

/** How many baskets of each household had each product. */
export interface Bought {
  /** Ids of the rows, ascending. */
  readonly households: readonly number[]
  /** Ids of the columns, ascending. */
  readonly products: readonly number[]
  /** Purchase lines that it was made of. */
  readonly lines: number
  readonly matrix: Sparse
}

/** Rows become columns. */
export function transposed({ rows, columns, starts, at, times }: Sparse): Sparse {
  const begins = new Int32Array(columns + 1)
  for (const column of at) begins[column + 1] = (begins[column + 1] ?? 0) + 1
  for (let column = 0; column < columns; column++)
    begins[column + 1] = (begins[column + 1] ?? 0) + (begins[column] ?? 0)
  const next = begins.slice()
  const turned = { at: new Int32Array(at.length), times: new Float64Array(at.length) }
  for (let row = 0; row < rows; row++)
    for (let i = starts[row] ?? 0; i < (starts[row + 1] ?? 0); i++) {
      const column = at[i] ?? 0
      const place = next[column] ?? 0
      next[column] = place + 1
      turned.at[place] = row
      turned.times[place] = times[i] ?? 0
    }
  return { rows: columns, columns: rows, starts: begins, ...turned }
}

export interface Popular {
  readonly productId: number
  readonly households: number
}

/** The products that most households bought, the first first; equals by id. */
export function mostBought({ products, matrix }: Bought, most: number): readonly Popular[] {
  const counts = new Int32Array(matrix.columns)
  for (const column of matrix.at) counts[column] = (counts[column] ?? 0) + 1
  return products
    .map((productId, column) => ({ productId, households: counts[column] ?? 0 }))
    .sort((a, b) => b.households - a.households || a.productId - b.productId)
    .slice(0, most)
}
