import type { AnyTopic, Topic } from '#engine/schema'
import type { Duration } from '#engine/time'
import type { Aggregate, ResultOf } from './aggregates.ts'
import type { Field, Flat, Numeric } from './fields.ts'
import type { Fold } from './fold.ts'
import type { EmitMode, Plan, StatefulContext, TablePlan } from './plan.ts'
import type { CountWindow, TimeWindow } from './windows.ts'

/**
 * The builder as types: a sentence of verbs, each step returning a narrower noun, so that an order without meaning does
 * not compile. Fields are names checked against the row's type; functions name the fields they read.
 */
export interface Stream<V> {
  /** Keeps events whose field has the value, or one of the values. */
  where(match: { readonly [F in Field<V>]?: V[F] | readonly V[F][] }): Stream<V>
  /** Keeps events for which `test` answers true. It must depend on the named fields alone. */
  filter<F extends Field<V>>(fields: readonly F[], test: (value: Pick<V, F>) => boolean): Stream<V>
  /**
   * A new row from the named fields; `keep` passes further fields unchanged (and with them the partitioning), `rename` passes
   * fields unchanged under new names: column → field.
   */
  map<F extends Field<V>, const R extends object, K extends Field<V> = never>(
    fields: readonly F[],
    make: (value: Pick<V, F>) => R,
    options?: { readonly keep: readonly K[] },
  ): Stream<Flat<R & Omit<Pick<V, K>, keyof R>>>
  map<
    F extends Field<V>,
    const R extends object,
    const N extends Readonly<Record<string, Field<V>>>,
    K extends Field<V> = never,
  >(
    fields: readonly F[],
    make: (value: Pick<V, F>) => R,
    options: { readonly keep: readonly K[]; readonly rename: N },
  ): Stream<Flat<Omit<R, keyof N> & Omit<Pick<V, K>, keyof R | keyof N> & Renamed<V, N>>>
  /**
   * Opens sealed personal fields and applies each one's strategy as its contract says. Names the column each yields
   * (`null` for `drop`), and has to name every personal field of the input. An erased subject's columns read `erased`.
   */
  mask<const M extends { readonly [F in Field<V>]?: string | null }>(columns: M): Stream<Flat<Masked<V, M>>>
  /** Says why fields are not personal from here on, where the build would otherwise refuse them in an untagged column. */
  declassify(fields: readonly Field<V>[], reason: string): Stream<V>
  /**
   * Drops an event where another one with its key and the same values of `by` was taken before, at most `within` away in
   * event time, be that one dropped or not: of events that follow one another closer than that, the first passes. An event
   * more than `within` behind stream time could not be told any more and is late by name (`horizon`). Held in state: an
   * entry an event for two to three times `within`.
   */
  deduplicate(options: { readonly by: readonly Field<V>[]; readonly within: Duration }): Stream<V>
  /**
   * Adds columns of the latest version of a table row at the event's time. The topics have to be keyed alike. `grace`: how
   * long an event waits, in stream time, for versions that are written late; by default it does not.
   */
  join<
    T,
    const S extends Readonly<Record<string, Field<T>>>,
    J extends 'inner' | 'left',
    O extends Otherwise<T, S> = Record<never, never>,
  >(
    table: Table<T>,
    options: {
      readonly on: readonly Field<V>[]
      readonly select: S
      readonly kind: J
      readonly otherwise?: O
      readonly maxAge?: Duration
      readonly asOf?: Field<V>
      readonly grace?: Duration
    },
  ): Stream<Flat<V & Joined<T, S, J, O>>>
  /**
   * Joins two streams by key and time: a pair matches where right's time is in [left's − `before`, left's + `after`], both
   * ends included; either may be negative. A pair is a row as soon as both events are there, at the later one's time.
   * `left` and `outer`: an event without a partner is a row with nulls at its own time, once its window has been over for
   * `grace` in stream time; after that row none of its pairs is made any more. An event that is older than the window and
   * the grace meets the partners that are still kept, and is late. `on`: fields that equal the right topic's key fields, in
   * their order; both topics have to be keyed alike. `identity` names a column for the pair's identity, made of both ids.
   */
  joinWithin<
    W,
    const On extends readonly Field<V>[],
    const S extends Readonly<Record<string, Field<W>>>,
    J extends 'inner' | 'left' | 'outer',
    const I extends string = never,
  >(
    right: Stream<W>,
    options: {
      readonly on: On
      readonly before: Duration
      readonly after: Duration
      readonly grace: Duration
      readonly select: S
      readonly kind: J
      readonly identity?: I
    },
  ): Stream<Flat<LeftOf<V, On[number], J> & RightOf<W, S, J> & { [C in I]: string }>>
  /** Groups by fields. Where they do not contain the input's own key, the processor gets a second stage (a re-key). */
  keyBy<K extends Field<V>>(...fields: readonly K[]): Keyed<V, K>
  to<O>(topic: Destination<V, O>): Plan
}

/** The left columns of a pair: in an outer join all but the key may be missing. */
type LeftOf<V, On, J> = J extends 'outer' ? { [F in keyof V]: F extends On ? V[F] : V[F] | null } : V
type RightOf<W, S, J> = {
  [C in keyof S]: S[C] extends keyof W ? (J extends 'inner' ? W[S[C]] : W[S[C]] | null) : never
}

type Renamed<V, N> = { [C in keyof N]: N[C] extends keyof V ? V[N[C]] : never }

/** Columns of a left join that finds no row. */
type Otherwise<T, S> = { readonly [C in keyof S]?: S[C] extends keyof T ? T[S[C]] : never }

type Joined<T, S, J, O> = {
  [C in keyof S]: S[C] extends keyof T
    ? J extends 'inner'
      ? T[S[C]]
      : C extends keyof O
        ? T[S[C]]
        : T[S[C]] | null
    : never
}

type MaskedColumns<V, M> = {
  [F in keyof M & keyof V as M[F] extends string ? M[F] : never]: null extends V[F] ? string | null : string
}
type Masked<V, M> = Omit<V, keyof M | keyof MaskedColumns<V, M>> & MaskedColumns<V, M>

/** A topic that takes rows `R`; otherwise the error shows the columns that are missing or mistyped. */
export type Destination<R, O> = Topic<O> &
  ([R] extends [O]
    ? unknown
    : {
        missingOrMistyped: {
          [P in keyof O as P extends keyof R ? ([R[P]] extends [O[P]] ? never : P) : P]: O[P]
        }
      })

export interface Keyed<V, K extends Field<V>> {
  window(window: TimeWindow): Windowed<V, K>
  /** Rows have a `windowNumber` besides: two windows of a key may have the same bounds. */
  window(window: CountWindow): Windowed<V, K, { windowNumber: number }>
  /** A stateful operator: typed state per key, event-time timers. */
  process<F extends Field<V>, S, const R extends object = never, const T extends object = never>(
    spec: StatefulSpec<V, K, F, S, R, T>,
  ): Emitted<R | T>
}

/** `R` the rows of events, `T` those of timers. */
export interface StatefulSpec<V, K extends Field<V>, F extends Field<V>, S, R, T> {
  /** Names its state in the changelog: keep it when the code changes. */
  readonly name: string
  readonly reads: readonly F[]
  /** The state of a key that has none. Plain data: objects, arrays, maps, sets, numbers, bigints, strings. */
  readonly state: {
    readonly initial: () => S
    /**
     * `disk`: for state larger than memory. It is kept in a local file beside the changelog, where the worker was given a
     * folder, and in memory otherwise (also behind a re-key, and beside joined tables); results are the same.
     * @defaultValue 'memory'
     */
    readonly keptOn?: 'memory' | 'disk'
  }
  readonly ttl?: Duration
  /**
   * Needed where `keyBy` groups by something else than the inputs' key, and refused elsewhere: how much later than its own partition's stream
   * time an event may be. Events are then taken in the order of event time, once no partition can bring an earlier one.
   */
  readonly grace?: Duration
  /** Changes `state` in place and returns the rows to emit. Thrown: its changes are undone. */
  onEvent(context: StatefulContext<Pick<V, K>>, event: Pick<V, F>, state: S): R | readonly R[] | undefined
  onTimer?(context: StatefulContext<Pick<V, K>>, state: S): T | readonly T[] | undefined
}

/**
 * The row of a window: its key, its bounds in milliseconds, and the aggregates. The end is excluded, but for sliding windows,
 * sessions and windows of a number of events, whose end is the time of the last event that may be, or is, in them.
 */
export type WindowRow<V, K extends Field<V>, S> = Pick<V, K> & { windowStart: number; windowEnd: number } & {
  [N in keyof S]: ResultOf<S[N], V>
}

type AnyAggregate<V> =
  | Aggregate<Numeric<V>, 'sum' | 'same' | 'mean' | 'perhaps' | 'numbers', 'numeric'>
  | Aggregate<Field<V>, 'count' | 'same' | 'list' | 'numbers', 'any'>
  | Fold<V, unknown>

/** `B` columns that the kind of window adds. */
export interface Windowed<V, K extends Field<V>, B = unknown> {
  aggregate<const S extends Readonly<Record<string, AnyAggregate<V>>>>(
    columns: S,
  ): Aggregated<Flat<WindowRow<V, K, S> & B>>
}

export interface Aggregated<R> {
  /** `on-close`: each window once, final. `on-update`: a row at every change. No default. */
  emit(mode: EmitMode): Emitted<R>
}

export interface Emitted<R> {
  /** A row made from the named columns of the operator's row; `keep` passes columns unchanged. */
  map<F extends Field<R>, const N extends object, K extends Field<R> = never>(
    fields: readonly F[],
    make: (row: Pick<R, F>) => N,
    options?: { readonly keep: readonly K[] },
  ): Emitted<Flat<N & Omit<Pick<R, K>, keyof N>>>
  to<O>(topic: Destination<R, O>): Plan
}

/** A topic as a versioned table of rows `T`. */
export interface Table<T> {
  readonly plan: TablePlan
  readonly row?: T
}

export interface InputOptions {
  /** How long the input may be empty before wall time moves its event time on (recorded); absent: never. */
  readonly idleAfter?: Duration
  /** How far an event's time may be ahead of its writing; beyond, it goes to the late topic as `future`. */
  readonly maxAhead?: Duration
}

export interface Sources {
  from<V>(topic: Topic<V>, options?: InputOptions): Stream<V>
  /** `arrival` names a column for when the record was written (Kafka's timestamp, milliseconds): the same in a replay. */
  from<V, const A extends string>(
    topic: Topic<V>,
    options: InputOptions & { readonly arrival: A },
  ): Stream<Flat<V & { [C in A]: number }>>
  /** Several inputs as one stream of rows of one type, taken in (event time, topic, partition, offset) order per slice. */
  merge<V>(first: Stream<V>, ...others: readonly Stream<V>[]): Stream<V>
  /**
   * Joins two tables by their key: a row whenever either side's row changes, and a record without a value where the joined
   * row is gone. The last record of a key is its row, as log compaction has it; a record without a value deletes it.
   * `on`: the left topic's key, which has to be the right one's, field by field; the destination is keyed by it.
   * `idleAfter`: how long a table's end must have been reached before the other one passes it; by default at once.
   */
  joinTables<
    V,
    W,
    const On extends readonly Field<V>[],
    const S extends Readonly<Record<string, Field<W>>>,
    J extends 'inner' | 'left' | 'outer',
  >(
    left: Topic<V>,
    right: Topic<W>,
    options: { readonly on: On; readonly select: S; readonly kind: J; readonly idleAfter?: Duration },
  ): Emitted<Flat<LeftOf<V, On[number], J> & RightOf<W, S, J>>>
}

/** A topic of any type. */
export type { AnyTopic }
