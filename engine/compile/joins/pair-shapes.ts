import type { Row } from '#engine/topology'
import { elementsOf, shapeOf } from '../row-shapes.ts'

/** How the rows of a join's two sides, kept as lists of values, become one row. */
export interface PairLayout {
  /** Columns of the left side, in the order of its values. */
  readonly left: readonly string[]
  /** Columns of the right side, in the order of its values from `rightFrom` on. */
  readonly right: readonly string[]
  readonly rightFrom: number
  /** Columns of the key → their places in the right side's values, for rows without a left side. */
  readonly keys: ReadonlyMap<string, number>
  /** The column that takes the pair's identity. */
  readonly identity?: string | undefined
}

type Values = readonly unknown[]

/** A row of what both sides have. At least one of them is there; a side that is not has null columns. */
export function pairRows(layout: PairLayout): (left: Values | null, right: Values | null, identity?: string) => Row {
  const { left, right, rightFrom, keys, identity } = layout
  const own = elementsOf(left)
  const other = elementsOf(right, 1, rightFrom)
  const noOther = right.map((column) => [column, null] as const)
  const keyOnly = left.map((column) => {
    const at = keys.get(column)
    return [column, at === undefined ? null : { from: 1, at }] as const
  })
  const named = elementsOf(identity === undefined ? [] : [identity], 2)
  const both = shapeOf([...own, ...other, ...named])
  const leftAlone = shapeOf([...own, ...noOther, ...named])
  const rightAlone = shapeOf([...keyOnly, ...other, ...named])
  return (one, two, id) => {
    const ids = identity === undefined ? NONE : [id]
    if (one === null) return rightAlone(NONE, two ?? NONE, ids)
    return two === null ? leftAlone(one, NONE, ids) : both(one, two, ids)
  }
}

const NONE: Values = []
