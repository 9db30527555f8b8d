import type { Refuse } from './check.ts'
import { orderGrace } from './check-order.ts'
import { holdsAt } from './demand.ts'
import { unchanged } from './lineage.ts'
import type { InputPlan, Plan, WithinStep } from './plan.ts'

/** One side of a join of two streams: keyed by what it is joined on, partitioned as the other side. */
export function checkWithin(input: InputPlan, { side, within }: WithinStep, at: number, refuse: Refuse): void {
  const { name, key, partitions } = input.topic.contract.topic
  const { on, left, right, select, identity, beforeMs, afterMs } = within
  if (beforeMs + afterMs < 0) refuse('joinWithin: no time is in a window whose before and after sum up to less than 0')
  const [other] = side === 'left' ? right : left
  if (on.length === 0 || on.length !== key.length)
    refuse(`${name} is keyed by ${key.join(', ') || 'nothing'}, the join by ${on.join(', ') || 'nothing'}`)
  if (other && other.topic.contract.topic.partitions !== partitions)
    refuse(`${name} and ${other.topic.name} have different numbers of partitions`)
  key.forEach((field, n) => {
    const column = side === 'left' ? on[n] : field
    if (column === undefined || unchanged(input, at, column) !== field)
      refuse(`the join by ${on.join(', ')} needs ${name}'s own key ${key.join(', ')} unchanged`)
  })
  if (identity !== undefined && identity in select) refuse(`joinWithin names the column '${identity}' twice`)
  for (const column of Object.keys(select))
    if (on.includes(column)) refuse(`joinWithin selects into its key '${column}'`)
}

/**
 * Steps that hold rows back until stream time has come: one a processor, for the second would wait for a time that the
 * first has not reached. What opens sealed fields stands before it, where the secrets of an event are at hand.
 */
export function checkHolds(plan: Plan, refuse: Refuse): void {
  const held = plan.inputs.flatMap((input) => {
    const at = holdsAt(input)
    const step = input.steps[at]
    if (step === undefined) return []
    const behind = input.steps.slice(at + 1)
    if (behind.some((one) => one.kind === 'within' || (one.kind === 'join' && one.graceMs > 0)))
      refuse('it has a second join that waits: make it two processors')
    if (behind.some(({ kind }) => kind === 'mask')) refuse('mask comes after a join that waits')
    if (behind.some(({ kind }) => kind === 'deduplicate')) refuse('deduplicate comes after a join that waits')
    return [step]
  })
  if (held.some(({ kind }) => kind === 'within') && (held.length < plan.inputs.length || joins(held) > 1))
    refuse('streams are merged with joined ones: merge them before joinWithin')
  checkGrace(plan, refuse)
}

const joins = (held: readonly { readonly kind: string }[]): number =>
  new Set(held.map((step) => ('within' in step ? step.within : step))).size

/** A row with nulls comes that long after its time: a window with less grace would find it late, each of them. */
function checkGrace({ inputs, operator }: Plan, refuse: Refuse): void {
  const windowed = operator?.kind === 'window' && 'graceMs' in operator.window ? operator.window.graceMs : undefined
  const graceMs = windowed ?? orderGrace(operator)
  if (graceMs === undefined) return
  const waits = inputs.flatMap((input) => {
    const step = input.steps[holdsAt(input)]
    if (step?.kind === 'join') return [step.graceMs]
    if (step?.kind !== 'within' || step.within.join === 'inner') return []
    const { afterMs, beforeMs, graceMs, join } = step.within
    return [graceMs + (join === 'outer' ? Math.max(afterMs, beforeMs) : afterMs)]
  })
  const longest = Math.max(0, ...waits)
  if (graceMs < longest) {
    const whose = operator?.kind === 'window' ? "the window's grace" : 'the grace behind it'
    refuse(`rows leave the join up to ${longest} ms after their time: ${whose} has to be that long`)
  }
}
