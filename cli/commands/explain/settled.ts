import type { Explanation, Posted } from '#engine/replay'
import { type AnyTopic, readable } from '#engine/schema'
import type { Row } from '#engine/topology'

/** One column: the published figure, what was posted to it (added to it, or put in its place), and what that comes to. Exact text. */
export interface SettledColumn {
  readonly column: string
  readonly figure: unknown
  readonly corrections: unknown
  /** Both together, as `<table>_settled` shows it. */
  readonly settled: unknown
  /** What the row's events and the late ones left out of it add up to; undefined where one of these is not known that far. */
  readonly events: unknown
  readonly equal: boolean
}

/** What became of a row's late events. */
export interface Settled {
  readonly corrections: readonly {
    readonly correctionId: string
    readonly amounts: Readonly<Record<string, unknown>>
  }[]
  readonly columns: readonly SettledColumn[]
  /**
   * `settled`: figure and corrections are what all events come to; `waiting`: late events are not settled yet, or the row is
   * not published yet; `differs`: all late events were settled, and the figures are not the same.
   */
  readonly state: 'settled' | 'waiting' | 'differs'
  /** The same in words; empty where there is nothing to settle. */
  readonly standing: string
}

/**
 * @param columns those that corrections are added to
 * @param replaced those that the last correction puts in place of the figure's
 */
export function settledOf(
  topic: AnyTopic,
  columns: readonly string[],
  found: Explanation,
  posted: Posted,
  replaced: readonly string[] = [],
): Settled {
  const { corrections, isSettled } = posted
  const late = found.leftOut.filter(({ reason, isCertain }) => isCertain && LATE.test(reason))
  // A row of which every event was late was never published: its ledger is nothing.
  const isOpen = found.made === undefined && found.events.length > 0
  const checks = columns.map((column) => {
    const figure = found.made?.[column] ?? (isOpen ? undefined : zeroOf(topic, column))
    const sum = added(
      zeroOf(topic, column),
      corrections.map((row) => row[column]),
    )
    const settled = added(figure, [sum])
    const events = added(
      found.added[column],
      late.map(({ amounts }) => amounts[column]),
    )
    return { column, figure, corrections: sum, settled, events, equal: events === undefined || settled === events }
  })
  for (const column of replaced) {
    const [figure, last] = [found.made?.[column], corrections.at(-1)?.[column]]
    const settled = corrections.length === 0 ? figure : last
    checks.push({ column, figure, corrections: last, settled, events: undefined, equal: true })
  }
  const isEqual = checks.every(({ equal }) => equal)
  const state = isOpen ? 'waiting' : isEqual ? 'settled' : isSettled ? 'differs' : 'waiting'
  const text = readable(topic)
  const told = (column: string, value: unknown): unknown =>
    value === undefined ? undefined : text({ [column]: value })[column]
  return {
    corrections: corrections.map((row) => ({
      correctionId: String(row.correctionId),
      amounts: Object.fromEntries([...columns, ...replaced].map((column) => [column, told(column, row[column])])),
    })),
    columns: checks.map(({ column, equal, ...values }) => ({
      column,
      figure: told(column, values.figure),
      corrections: told(column, values.corrections),
      settled: told(column, values.settled),
      events: told(column, values.events),
      equal,
    })),
    state,
    standing: corrections.length === 0 && late.length === 0 ? '' : standings[state],
  }
}

/** Events that a correction can make good; those too far ahead of their writing would not count in a recomputation either. */
const LATE = /^late \((late|partly-late|history)\)/

const standings = {
  settled: 'figure and corrections are what its events and the late ones add up to',
  waiting: 'late events of it are not settled yet (kappa settle)',
  differs: 'figure and corrections are NOT what its events and the late ones add up to',
} as const

const zeroOf = ({ contract }: AnyTopic, column: string): Row[string] =>
  contract.fields.find(({ name }) => name === column)?.type.kind === 'decimal' ? 0n : 0

/** Undefined where one of them is not known. */
function added(first: unknown, others: readonly unknown[]): unknown {
  let sum = first
  for (const other of others)
    if (typeof sum === 'bigint' && typeof other === 'bigint') sum += other
    else if (typeof sum === 'number' && typeof other === 'number') sum += other
    else return undefined
  return sum
}
