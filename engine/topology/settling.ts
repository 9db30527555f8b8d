import { holdsAt } from './demand.ts'
import type { InputPlan, Plan } from './plan.ts'
import type { Window } from './windows.ts'

/**
 * How far behind stream time results are settled, milliseconds: a row of a window that ends, or of an event that happened, at
 * stream time less this is there and changes no more. Infinity where that can never be said: a state without time to live.
 */
export function settlingMs(plan: Plan): number {
  return Math.max(0, ...plan.inputs.map(heldMs)) + operatorMs(plan)
}

function operatorMs({ operator }: Plan): number {
  if (operator === undefined || operator.kind === 'tables') return 0
  if (operator.kind === 'window') return windowMs(operator.window)
  // Rows of an event come by its timers, and none of them is later than the state's end.
  if (operator.onTimer === undefined) return operator.graceMs ?? 0
  return (operator.ttlMs ?? Number.POSITIVE_INFINITY) + (operator.graceMs ?? 0)
}

function windowMs(window: Window): number {
  // Behind a re-key a session closes two gaps after its last event.
  if (window.kind === 'session') return 2 * window.gapMs + window.graceMs
  return window.graceMs ?? 0
}

function heldMs(input: InputPlan): number {
  const step = input.steps[holdsAt(input)]
  if (step?.kind === 'join') return step.graceMs
  if (step?.kind !== 'within') return 0
  const { beforeMs, afterMs, graceMs } = step.within
  return Math.max(beforeMs, 0) + Math.max(afterMs, 0) + graceMs
}
