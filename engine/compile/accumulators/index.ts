import { KappaError } from '#engine/errors'
import type { FieldType } from '#engine/schema'
import type { AggregateColumn } from '#engine/topology'
import type { Accumulator } from './accumulator.ts'
import { sketchingDistinct } from './approximate-distinct.ts'
import { collecting } from './collect.ts'
import { counting } from './count.ts'
import { distinctly } from './distinct.ts'
import { greatest, least } from './extreme.ts'
import { folding } from './fold.ts'
import { averaging } from './mean.ts'
import { earliest, latest } from './placed.ts'
import { sketchingQuantiles } from './quantiles.ts'
import { summing } from './sum.ts'
import { summandOf } from './summand.ts'
import { ranking } from './top-k.ts'
import { spreading } from './variance.ts'

export type { Accumulator, Place } from './accumulator.ts'

/**
 * @param type of the field read, where it is known: a field that a function made is taken as what `target` needs
 * @param target type of the column written, where the row goes there unchanged
 */
export function accumulatorOf(
  column: AggregateColumn,
  type: FieldType | undefined,
  target: FieldType | undefined,
): Accumulator {
  switch (column.kind) {
    case 'count':
      return counting
    case 'sum':
      if (type?.kind === 'decimal' && target?.kind === 'decimal' && type.scale !== target.scale)
        throw new KappaError(
          'PLAN_INVALID',
          `summing '${column.field}': its scale is not the one of the column written`,
        )
      return summing(summandOf(type ?? target))
    case 'mean':
      return averaging(summandOf(type), scaleOf(type))
    case 'min':
      return least
    case 'max':
      return greatest
    case 'first':
      return earliest
    case 'last':
      return latest
    case 'collect':
      return collecting(column)
    case 'variance':
    case 'standard deviation':
      return spreading(summandOf(type), scaleOf(type), { of: column.of, root: column.kind !== 'variance' })
    case 'distinct':
      return distinctly
    case 'approximate distinct':
      return sketchingDistinct(column.precision)
    case 'quantiles':
      return sketchingQuantiles(column, scaleOf(type))
    case 'top k':
      return ranking(column, type?.kind === 'bytes')
    case 'fold':
      return folding(column)
  }
}

const scaleOf = (type: FieldType | undefined): number => (type?.kind === 'decimal' ? type.scale : 0)
