import { KappaError } from '#engine/errors'
import type { FieldType } from '#engine/schema'
import type { AggregateColumn } from '#engine/topology'
import type { Accumulator } from './accumulator.ts'
import { collecting } from './collect.ts'
import { counting } from './count.ts'
import { greatest, least } from './extreme.ts'
import { averaging } from './mean.ts'
import { earliest, latest } from './placed.ts'
import { summing } from './sum.ts'
import { summandOf } from './summand.ts'

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
      return averaging(summandOf(type), type?.kind === 'decimal' ? type.scale : 0)
    case 'min':
      return least
    case 'max':
      return greatest
    case 'first':
      return earliest
    case 'last':
      return latest
    case 'collect':
      return collecting({ limit: 1000, keep: 'first', order: 'taken' })
  }
}
