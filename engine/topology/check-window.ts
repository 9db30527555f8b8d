import { checkOrder } from './check-order.ts'
import type { Plan, WindowOperator } from './plan.ts'

/** Windows of a number of events need their order, which only one stage has, and their number tells them apart. */
function checkCounted(plan: Plan, operator: WindowOperator, refuse: (why: string) => never): void {
  if ('windowNumber' in operator.columns) refuse("the column 'windowNumber' is the window's")
  if (operator.window.kind === 'count')
    checkOrder(plan, 'it has windows of a number of events', operator.window.graceMs, refuse)
}

/**
 * Sessions that are emitted on update are taken back when they change, by records without a value. So the key of these
 * records has to say which row is meant.
 */
export function checkWindow(plan: Plan, operator: WindowOperator, refuse: (why: string) => never): void {
  const { window, emit } = operator
  if (window.kind === 'count') checkCounted(plan, operator, refuse)
  if (window.kind !== 'session' || emit !== 'on-update') return
  const { contract, name } = plan.destination
  const { key, id } = contract.topic
  for (const column of [...(plan.keyBy ?? []), 'windowStart', 'windowEnd']) {
    if (!key.includes(column))
      refuse(`sessions emitted on update are taken back by key, and '${column}' is not in the key of ${name}`)
    if (plan.finish.some(({ keep }) => !keep.includes(column)))
      refuse(`sessions emitted on update are taken back by key, and a map changes '${column}'`)
  }
  for (const column of id)
    if (!key.includes(column))
      refuse(`sessions emitted on update are taken back by key, and '${column}' of the id of ${name} is not in it`)
}
