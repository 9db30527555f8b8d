import { KappaError } from '#engine/errors'
import type { FieldType } from '#engine/schema'
import type { AggregateColumn } from '#engine/topology'

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
  /** Why a value that is not null cannot be added; undefined where it can. */
  misfit(value: unknown): string | undefined
  add(slots: unknown[], at: number, value: unknown, place: Place): void
  /** Adds what another cell of the same key and window holds. */
  merge(slots: unknown[], at: number, from: readonly unknown[]): void
  result(slots: readonly unknown[], at: number): unknown
}

type Summand = 'integer' | 'decimal' | 'double'

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
      return choosing((value, best) => value < best)
    case 'max':
      return choosing((value, best) => value > best)
    case 'first':
      return placed((a, b) => a < b)
    case 'last':
      return placed((a, b) => a > b)
    case 'collect':
      return collecting
  }
}

const summandOf = (type: FieldType | undefined): Summand =>
  type?.kind === 'decimal' ? 'decimal' : type === undefined || type.kind === 'double' ? 'double' : 'integer'

const misfitOf: Record<Summand, (value: unknown) => string | undefined> = {
  integer: (value) => (Number.isSafeInteger(value) ? undefined : 'is no safe integer'),
  decimal: (value) => (typeof value === 'bigint' ? undefined : 'is no exact decimal (bigint)'),
  double: (value) => (typeof value === 'number' ? undefined : 'is no number'),
}

const fits = (): undefined => undefined

const counting: Accumulator = {
  width: 1,
  ordered: false,
  start(slots, at) {
    slots[at] = 0
  },
  misfit: fits,
  add(slots, at) {
    slots[at] = (slots[at] as number) + 1
  },
  merge(slots, at, from) {
    slots[at] = (slots[at] as number) + (from[at] as number)
  },
  result: (slots, at) => slots[at],
}

const plus = (kind: Summand): ((a: unknown, b: unknown) => unknown) =>
  kind === 'decimal' ? (a, b) => (a as bigint) + (b as bigint) : (a, b) => (a as number) + (b as number)

function summing(kind: Summand): Accumulator {
  const add = plus(kind)
  return {
    width: 1,
    ordered: kind === 'double',
    start(slots, at) {
      slots[at] = kind === 'decimal' ? 0n : 0
    },
    misfit: misfitOf[kind],
    add(slots, at, value) {
      if (value !== null) slots[at] = add(slots[at], value)
    },
    merge(slots, at, from) {
      slots[at] = add(slots[at], from[at])
    },
    result: (slots, at) => slots[at],
  }
}

function averaging(kind: Summand, scale: number): Accumulator {
  const add = plus(kind)
  return {
    width: 2,
    ordered: kind === 'double',
    start(slots, at) {
      slots[at] = kind === 'decimal' ? 0n : 0
      slots[at + 1] = 0
    },
    misfit: misfitOf[kind],
    add(slots, at, value) {
      if (value === null) return
      slots[at] = add(slots[at], value)
      slots[at + 1] = (slots[at + 1] as number) + 1
    },
    merge(slots, at, from) {
      slots[at] = add(slots[at], from[at])
      slots[at + 1] = (slots[at + 1] as number) + (from[at + 1] as number)
    },
    result(slots, at) {
      const count = slots[at + 1] as number
      return count === 0 ? null : Number(slots[at]) / 10 ** scale / count
    },
  }
}

function choosing(better: (value: number | bigint, best: number | bigint) => boolean): Accumulator {
  const add = (slots: unknown[], at: number, value: unknown): void => {
    if (value === null) return
    const best = slots[at] as number | bigint | null
    if (best === null || better(value as number | bigint, best)) slots[at] = value
  }
  return {
    width: 1,
    ordered: false,
    start(slots, at) {
      slots[at] = null
    },
    misfit: (value) => (typeof value === 'number' || typeof value === 'bigint' ? undefined : 'is no number'),
    add,
    merge: (slots, at, from) => add(slots, at, from[at]),
    result: (slots, at) => slots[at],
  }
}

/** Slots: value, time, source, offset. */
function placed(wins: (a: number, b: number) => boolean): Accumulator {
  const put = (slots: unknown[], at: number, value: unknown, time: unknown, source: unknown, offset: unknown): void => {
    if (value === null) return
    if (slots[at] !== null) {
      const difference =
        (time as number) - (slots[at + 1] as number) ||
        (source as number) - (slots[at + 2] as number) ||
        (offset as number) - (slots[at + 3] as number)
      if (!wins(difference, 0)) return
    }
    slots[at] = value
    slots[at + 1] = time
    slots[at + 2] = source
    slots[at + 3] = offset
  }
  return {
    width: 4,
    ordered: false,
    start(slots, at) {
      slots[at] = null
      slots[at + 1] = slots[at + 2] = slots[at + 3] = 0
    },
    misfit: fits,
    add: (slots, at, value, place) => put(slots, at, value, place.time, place.source, place.offset),
    merge: (slots, at, from) => put(slots, at, from[at], from[at + 1], from[at + 2], from[at + 3]),
    result: (slots, at) => slots[at],
  }
}

type Collected = [value: unknown, time: number, source: number, offset: number]

/** One slot: a list in the order taken; merged lists are put in the order of places. */
const collecting: Accumulator = {
  width: 1,
  ordered: false,
  start(slots, at) {
    slots[at] = []
  },
  misfit: fits,
  add(slots, at, value, place) {
    if (value !== null) (slots[at] as Collected[]).push([value, place.time, place.source, place.offset])
  },
  merge(slots, at, from) {
    const all = [...(slots[at] as Collected[]), ...(from[at] as Collected[])]
    slots[at] = all.sort((a, b) => a[1] - b[1] || a[2] - b[2] || a[3] - b[3])
  },
  result: (slots, at) => (slots[at] as Collected[]).map(([value]) => value),
}
