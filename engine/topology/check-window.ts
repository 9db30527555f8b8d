import type { Plan, WindowOperator } from './plan.ts'

/**
 * Sessions that are emitted on update are taken back when they change, by records without a value. So the key of these
 * records has to say which row is meant.
 */
export function checkWindow(plan: Plan, operator: WindowOperator, refuse: (why: string) => never): void {
  const { window, emit } = operator
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
