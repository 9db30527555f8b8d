import { needsRekey, type Refuse } from './check.ts'
import type { Plan } from './plan.ts'

/** What depends on the order of its rows needs a grace behind a re-key, and nothing to wait for elsewhere. */
export function checkOrder(plan: Plan, what: string, graceMs: number | undefined, refuse: Refuse): void {
  const by = (plan.keyBy ?? []).join(', ')
  if (needsRekey(plan) && graceMs === undefined)
    refuse(
      `${what} by ${by}, which is not how its inputs are keyed: it needs a grace, to take rows in the order of time`,
    )
  if (!needsRekey(plan) && graceMs !== undefined)
    refuse(`${what} by ${by}, as its inputs are keyed: it has no use for a grace`)
}

/** How long rows are held before an operator that depends on their order, behind a re-key; undefined: it does not. */
export const orderGrace = (operator: Plan['operator']): number | undefined => {
  if (operator?.kind === 'stateful') return operator.graceMs
  return operator?.kind === 'window' && operator.window.kind === 'count' ? operator.window.graceMs : undefined
}
