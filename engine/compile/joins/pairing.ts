import { keyText } from '#engine/schema'
import type { Held, Keeping } from '#engine/state'
import {
  type InputPlan,
  type Plan,
  type Row,
  type Side,
  type WithinPlan,
  wantedBehind,
  withinOf,
} from '#engine/topology'
import type { At } from '../at.ts'
import { pairRows } from './pair-shapes.ts'

/** One side of a join of two streams, laid out. */
export interface SideSpec extends Keeping {
  /** Names its state in the changelog, and its layout. */
  readonly tag: string
  /** Its columns that hold the key. */
  readonly key: readonly string[]
  /** What is kept of a row. */
  read(row: Row, at: At, valuesOf: (row: Row, columns: readonly string[]) => unknown[]): readonly unknown[]
}

/** How a pair becomes a row. */
export interface Pairing {
  readonly left: SideSpec
  readonly right: SideSpec
  /** The row of a pair, or of an event alone. */
  row(left: Held | undefined, right: Held | undefined): Row
}

/** Lays a join of two streams out: what is kept of each side, for how long, and the row that both make. */
export function pairingOf(plan: Plan, within: WithinPlan): Pairing {
  const { beforeMs, afterMs, graceMs, join, select, identity, on } = within
  const wanted = wantedOf(plan)
  const selected = Object.keys(select).filter((column) => wanted.has(column))
  const own = [...wanted].filter((column) => !(column in select) && column !== identity)
  const identified = identity !== undefined && wanted.has(identity)
  const rightKey = within.right[0]?.topic.contract.topic.key ?? []
  // In an outer join the key's columns come from either side.
  const keys = own.filter((column) => on.includes(column))
  const fields = selected.map((column) => select[column] as string)
  const rightFields =
    join === 'outer' ? [...fields, ...keys.map((column) => rightKey[on.indexOf(column)] as string)] : fields
  const side = (
    name: Side,
    columns: readonly string[],
    key: readonly string[],
    keepMs: number,
    waitMs: number | undefined,
  ): SideSpec => ({
    tag: `join ${name}: ${columns.join(',')}${identified ? ' and ids' : ''}`,
    key,
    keepMs: keepMs + graceMs,
    waitMs: waitMs === undefined ? undefined : waitMs + graceMs,
    read: (row, at, valuesOf) => {
      const values = valuesOf(row, columns)
      if (identified) values.push(at.id)
      return values
    },
  })
  const left = side('left', own, on, afterMs + Math.max(beforeMs, 0), join === 'inner' ? undefined : afterMs)
  const right = side(
    'right',
    rightFields,
    rightKey,
    beforeMs + Math.max(afterMs, 0),
    join === 'outer' ? beforeMs : undefined,
  )
  const paired = pairRows({
    left: own,
    right: selected,
    rightFrom: 0,
    keys: new Map(keys.map((column, n) => [column, selected.length + n])),
    identity: identified ? identity : undefined,
  })
  return {
    left,
    right,
    row(one, two) {
      const [left, right] = [one?.values ?? null, two?.values ?? null]
      if (!identified) return paired(left, right)
      return paired(left, right, keyText([left?.[own.length], right?.[rightFields.length]]))
    },
  }
}

/** Columns that something behind the join reads; behind it all inputs have the same steps. */
function wantedOf(plan: Plan): ReadonlySet<string> {
  const [input] = plan.inputs
  return input === undefined ? new Set() : wantedBehind(plan, input, stepAfter(input))
}

const stepAfter = (input: InputPlan): number => {
  const step = withinOf(input)
  return step === undefined ? 0 : input.steps.indexOf(step) + 1
}
