import type { Field } from './fields.ts'

export type AggregateKind = 'count' | 'sum' | 'min' | 'max' | 'mean' | 'first' | 'last' | 'collect'

/** How a result's type follows from its field's; types alone, nothing at run time. */
type ResultRule = 'count' | 'sum' | 'same' | 'mean' | 'list'

/** One column of an aggregation. `F` is the field it reads, `Accepts` whether that has to be a number. */
export interface Aggregate<F extends string, R extends ResultRule, Accepts extends 'numeric' | 'any'> {
  readonly kind: AggregateKind
  /** Undefined for `count`, which reads no field. */
  readonly field: F | undefined
  readonly rule?: R
  readonly accepts?: Accepts
}

/** Any aggregate, as the plan holds it. */
export type AggregateColumn = Pick<Aggregate<string, ResultRule, 'any'>, 'kind' | 'field'>

/** Events of the window. */
export const count = (): Aggregate<never, 'count', 'any'> => ({ kind: 'count', field: undefined })

/** The sum in the field's own type, so that exact decimals stay exact. Nulls are skipped; the sum of nothing is 0. */
export const sum = <F extends string>(field: F): Aggregate<F, 'sum', 'numeric'> => ({ kind: 'sum', field })

/** The least value; null where every value is null. */
export const min = <F extends string>(field: F): Aggregate<F, 'same', 'numeric'> => ({ kind: 'min', field })

/** The greatest value; null where every value is null. */
export const max = <F extends string>(field: F): Aggregate<F, 'same', 'numeric'> => ({ kind: 'max', field })

/** The mean as a double, in units (an exact decimal's scale applied); null where every value is null. */
export const mean = <F extends string>(field: F): Aggregate<F, 'mean', 'numeric'> => ({ kind: 'mean', field })

/** The first value that is not null by (event time, partition, offset): the same whatever order partitions are read in. */
export const first = <F extends string>(field: F): Aggregate<F, 'same', 'any'> => ({ kind: 'first', field })

/** The last value that is not null by (event time, partition, offset). */
export const last = <F extends string>(field: F): Aggregate<F, 'same', 'any'> => ({ kind: 'last', field })

/** Every value that is not null, in the order taken; after a re-key by (event time, partition, offset). Held in state: for small groups. */
export const collect = <F extends string>(field: F): Aggregate<F, 'list', 'any'> => ({ kind: 'collect', field })

/** The column type that an aggregate over rows `V` yields. */
export type ResultOf<A, V> =
  A extends Aggregate<infer F, infer R, 'numeric' | 'any'>
    ? R extends 'count'
      ? number
      : F extends Field<V>
        ? R extends 'sum'
          ? NonNullable<V[F]>
          : R extends 'mean'
            ? null extends V[F]
              ? number | null
              : number
            : R extends 'list'
              ? NonNullable<V[F]>[]
              : V[F]
        : never
    : never
