import { KappaError } from '#engine/errors'
import type { Field } from './fields.ts'
import type { FoldColumn } from './fold.ts'

/** How a result's type follows from its field's; types alone, nothing at run time. */
export type ResultRule = 'count' | 'sum' | 'same' | 'mean' | 'perhaps' | 'list' | 'numbers'

/** One column of an aggregation. `F` is the field it reads, `Accepts` whether that has to be a number. */
export interface Aggregate<F extends string, R extends ResultRule, Accepts extends 'numeric' | 'any'> {
  readonly kind: Exclude<AggregateKind, 'fold'>
  /** Undefined for `count`, which reads no field. */
  readonly field: F | undefined
  readonly rule?: R
  readonly accepts?: Accepts
}

interface PlainColumn {
  readonly kind: 'sum' | 'min' | 'max' | 'mean' | 'first' | 'last' | 'distinct'
  readonly field: string
}
export interface SpreadColumn {
  readonly kind: 'variance' | 'standard deviation'
  readonly field: string
  readonly of: 'sample' | 'population'
}
export interface CollectColumn {
  readonly kind: 'collect'
  readonly field: string
  readonly limit: number
  readonly keep: 'first' | 'last'
  readonly order: 'taken' | 'time'
}
export interface ApproximateDistinctColumn {
  readonly kind: 'approximate distinct'
  readonly field: string
  readonly precision: number
}
export interface QuantilesColumn {
  readonly kind: 'quantiles'
  readonly field: string
  readonly at: readonly number[]
  readonly accuracy: number
  /** `one`: the only quantile as a number; `list`: all of them. */
  readonly yields: 'one' | 'list'
}
export interface TopKColumn {
  readonly kind: 'top k'
  readonly field: string
  readonly k: number
  /** Undefined: every value is counted. */
  readonly capacity: number | undefined
  readonly yields: 'values' | 'counts'
}

/** Any aggregate, as the plan holds it. */
export type AggregateColumn =
  | { readonly kind: 'count'; readonly field: undefined }
  | PlainColumn
  | SpreadColumn
  | CollectColumn
  | ApproximateDistinctColumn
  | QuantilesColumn
  | TopKColumn
  | FoldColumn

export type AggregateKind = AggregateColumn['kind']

/** Fields that a column reads. */
export const fieldsOf = (column: AggregateColumn): readonly string[] =>
  column.kind === 'fold' ? column.reads : column.field === undefined ? [] : [column.field]

/** Gives a column the types that authors see. */
const typed = <A>(column: AggregateColumn): A => column as A

const within = (what: string, value: number, least: number, most: number): number => {
  if (!(value >= least && value <= most))
    throw new KappaError('PLAN_INVALID', `aggregating with ${what} ${value}: it is between ${least} and ${most}`)
  return value
}

const whole = (what: string, value: number, least: number, most: number): number => {
  if (!Number.isInteger(value)) throw new KappaError('PLAN_INVALID', `aggregating with ${what} ${value}: no integer`)
  return within(what, value, least, most)
}

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

type Spread<F extends string> = Aggregate<F, 'perhaps', 'numeric'>
interface SpreadOptions {
  readonly of?: 'sample' | 'population'
}

/**
 * The variance as a double, in squared units. Of a sample (divided by n − 1, the default) or of the whole population
 * (by n); null where there are too few values. Exact sums for integers and decimals; for doubles Welford's method, merged
 * by Chan, Golub and LeVeque (1979): no cancellation where the mean is large beside the spread.
 */
export const variance = <F extends string>(field: F, { of = 'sample' }: SpreadOptions = {}): Spread<F> =>
  typed({ kind: 'variance', field, of })

/** The square root of the variance, in units. */
export const standardDeviation = <F extends string>(field: F, { of = 'sample' }: SpreadOptions = {}): Spread<F> =>
  typed({ kind: 'standard deviation', field, of })

/** The first value that is not null by (event time, partition, offset): the same whatever order partitions are read in. */
export const first = <F extends string>(field: F): Aggregate<F, 'same', 'any'> => ({ kind: 'first', field })

/** The last value that is not null by (event time, partition, offset). */
export const last = <F extends string>(field: F): Aggregate<F, 'same', 'any'> => ({ kind: 'last', field })

/** Values that `collect` keeps where it is not told otherwise. */
export const COLLECTED = 1000

/**
 * Values that are not null, `limit` of them (1000): the `first` by (event time, partition, offset), or the `last`. In the
 * order `taken`, which is that of offsets where all come from one partition of one topic and of event time otherwise; or
 * always by event `time`. All of them are held in state and written whenever one is added: for small groups.
 */
export const collect = <F extends string>(
  field: F,
  options: { readonly limit?: number; readonly keep?: 'first' | 'last'; readonly order?: 'taken' | 'time' } = {},
): Aggregate<F, 'list', 'any'> => {
  const { limit = COLLECTED, keep = 'first', order = 'taken' } = options
  return typed({ kind: 'collect', field, limit: whole('a limit of', limit, 1, 1_000_000), keep, order })
}

/**
 * How many different values there are, exactly; null is none. All of them are held in state and written whenever one is
 * added: for thousands a group, beyond that `approximateDistinct`.
 */
export const distinct = <F extends string>(field: F): Aggregate<F, 'count', 'any'> => ({ kind: 'distinct', field })

/**
 * About how many different values there are (HyperLogLog; Flajolet et al. 2007, estimated as Ertl 2017): standard error
 * 1.04 / √(2 ^ precision), which is 1.6 % at 12; a group takes up to 2 ^ precision bytes, few values far less.
 */
export const approximateDistinct = <F extends string>(
  field: F,
  { precision = 12 }: { readonly precision?: number } = {},
): Aggregate<F, 'count', 'any'> =>
  typed({ kind: 'approximate distinct', field, precision: whole('a precision of', precision, 4, 16) })

interface Accuracy {
  /** Largest relative error: of 0.01, the default, 1 %. */
  readonly accuracy?: number
}

/**
 * About the value that the fraction `at` of values does not exceed, as a double in units; null where every value is null.
 * At most `accuracy` of the value away from it, whatever the distribution (DDSketch: Masson, Rim and Lee 2019).
 */
export const quantile = <F extends string>(
  field: F,
  { at, accuracy = 0.01 }: Accuracy & { readonly at: number },
): Aggregate<F, 'mean', 'numeric'> => typed(quantilesOf(field, [at], accuracy, 'one'))

/** Several quantiles of one sketch, in the order asked for; an empty list where every value is null. */
export const quantiles = <F extends string>(
  field: F,
  { at, accuracy = 0.01 }: Accuracy & { readonly at: readonly number[] },
): Aggregate<F, 'numbers', 'numeric'> => typed(quantilesOf(field, at, accuracy, 'list'))

const quantilesOf = (
  field: string,
  at: readonly number[],
  accuracy: number,
  yields: 'one' | 'list',
): QuantilesColumn => ({
  kind: 'quantiles',
  field,
  at: at.map((one) => within('a quantile at', one, 0, 1)),
  accuracy: within('an accuracy of', accuracy, 0.0001, 0.5),
  yields,
})

/**
 * The `k` most frequent values, the most frequent first, equals by value; null is none. Or their `counts`, in the same
 * order. Every value is counted and held in state; with a `capacity` only so many, and a count is then too low by at most
 * (number of values) / (capacity + 1), so that anything more frequent is found (Misra and Gries 1982; merged as Agarwal
 * et al. 2012).
 */
export const topK = <F extends string, Y extends 'values' | 'counts' = 'values'>(
  field: F,
  { k, capacity, yields }: { readonly k: number; readonly capacity?: number; readonly yields?: Y },
): Aggregate<F, Y extends 'counts' ? 'numbers' : 'list', 'any'> =>
  typed({
    kind: 'top k',
    field,
    k: whole('k', k, 1, 10_000),
    capacity: capacity === undefined ? undefined : whole('a capacity of', capacity, k, 1_000_000),
    yields: yields ?? 'values',
  })

/** The column type that an aggregate over rows `V` yields. */
export type ResultOf<A, V> = A extends { readonly kind: 'fold'; readonly yields?: infer R }
  ? R
  : A extends Aggregate<infer F, infer R, 'numeric' | 'any'>
    ? R extends 'count'
      ? number
      : R extends 'perhaps'
        ? number | null
        : R extends 'numbers'
          ? number[]
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
