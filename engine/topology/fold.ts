import { KappaError } from '#engine/errors'

/** A fold as the plan holds it. */
export interface FoldColumn {
  readonly kind: 'fold'
  readonly field: undefined
  readonly reads: readonly string[]
  readonly initial: () => unknown
  readonly add: (state: unknown, row: Readonly<Record<string, unknown>>) => unknown
  readonly merge: (state: unknown, other: unknown) => unknown
  /** Undefined: the state itself. */
  readonly result: ((state: unknown) => unknown) | undefined
  readonly encode: ((state: unknown) => unknown) | undefined
  readonly decode: ((plain: unknown) => unknown) | undefined
  readonly order: 'matters' | 'any'
}

/** A fold over rows that have at least the columns `P`; its column has the type `R`. */
export interface Fold<P, R> {
  readonly kind: 'fold'
  readonly field: undefined
  /** Types alone: a fold fits rows that fit `P`. */
  readonly row?: (row: P) => void
  readonly yields?: R
}

/** What state is written as: null, booleans, numbers, bigints, strings, bytes, and lists of these. */
export type Plain = null | boolean | number | bigint | string | Uint8Array | readonly Plain[]

/** `reads` has to name every column that `add` takes. */
type Complete<F, P> = [keyof P] extends [F] ? unknown : { readonly missing: Exclude<keyof P, F> }

/**
 * @template P columns read: annotate `row` in `add`
 * @template S the state. Plain data, or `encode` and `decode` say how it is written
 * @template R the column; the state itself where `result` is not given
 */
export interface FoldSpec<F extends string, P, S, R> {
  readonly reads: readonly F[] & Complete<F, P>
  /** The state of no event. */
  readonly initial: () => S
  /** The state with one event more. May change and return `state`. Thrown: the record is tried again, then dead-lettered, and counts nowhere. */
  readonly add: (state: S, row: P) => S
  /**
   * The state of both parts' events, `state`'s first. May change and return `state`, not `other`. It is not only for
   * sessions that grow together and for re-keys: an event is always added to the initial state and that merged in, so what
   * a window yields is the same however its events were split. It must not throw: that stops the task.
   */
  readonly merge: (state: S, other: S) => S
  /** The column made from the state. Must not throw either. */
  readonly result?: (state: S) => R
  /** Without it state is written by V8's structured serialisation: objects, arrays, maps, sets, dates and plain values. */
  readonly encode?: (state: S) => Plain
  readonly decode?: (plain: Plain) => S
  /**
   * `matters` (the default): after a re-key each source partition ships its state once, when its window closes, and they
   * are merged in partition order. `any`: merging gives the same in every order, and state is shipped with every commit.
   */
  readonly order?: 'matters' | 'any'
}

/** An aggregate of the author's own: a state, how an event is added, how two states are merged. */
export function fold<const F extends string, P, S, R = S>(spec: FoldSpec<F, P, S, R>): Fold<NoInfer<P>, NoInfer<R>> {
  if ((spec.encode === undefined) !== (spec.decode === undefined))
    throw new KappaError('PLAN_INVALID', 'making a fold that has only one of `encode` and `decode`')
  // The author's own functions, not wrappers: their text is part of the plan's version.
  const column = {
    kind: 'fold',
    field: undefined,
    reads: spec.reads,
    initial: spec.initial,
    add: spec.add as FoldColumn['add'],
    merge: spec.merge as FoldColumn['merge'],
    result: spec.result as FoldColumn['result'],
    encode: spec.encode as FoldColumn['encode'],
    decode: spec.decode as FoldColumn['decode'],
    order: spec.order ?? 'matters',
  } satisfies FoldColumn
  return column as Fold<NoInfer<P>, NoInfer<R>>
}
