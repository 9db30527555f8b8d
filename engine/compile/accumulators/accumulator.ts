/** Where an event stands: what orders `first`, `last` and `collect` whatever order partitions are read in. */
export interface Place {
  readonly time: number
  /** Partition and input as one number. */
  readonly source: number
  readonly offset: number
}

/**
 * How one aggregate lives in a cell's slots from `at` on. `add` never throws: values are checked by `misfit` before a
 * cell is touched, so a record that throws leaves no trace in the state.
 */
export interface Accumulator {
  /** Slots taken. */
  readonly width: number
  /** True where the order of additions shows in the result: sums of doubles. */
  readonly ordered: boolean
  start(slots: unknown[], at: number): void
  /** What `add` is given, made of the row before any cell is touched; may throw. Absent: the value of the field. */
  prepare?(row: Readonly<Record<string, unknown>>): unknown
  /** Why a value that is not null cannot be added; undefined where it can. */
  misfit(value: unknown): string | undefined
  add(slots: unknown[], at: number, value: unknown, place: Place): void
  /**
   * Adds what another cell of the same key holds: the result is that of both cells' events in one. `from` is left as it
   * is, and nothing of it is held that a later `add` would change.
   */
  merge(slots: unknown[], at: number, from: readonly unknown[]): void
  result(slots: readonly unknown[], at: number): unknown
}

/** Any value can be added. */
export const fits = (): undefined => undefined
