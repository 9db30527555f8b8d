import { type CalendarUnit, duplicatesOf, holdsAt, type InputPlan, type Plan, type Window } from '#engine/topology'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** The longest of each: an hour more where clocks go back. */
const LONGEST: Readonly<Record<CalendarUnit, number>> = {
  hour: HOUR,
  day: DAY + HOUR,
  week: 7 * DAY + HOUR,
  month: 31 * DAY + HOUR,
  year: 366 * DAY + HOUR,
}

/** How much event time around the range a replay has to read, and why. */
export interface WarmUp {
  /** Milliseconds before `from`; Infinity: from the first offset there is. */
  readonly beforeMs: number
  /** Milliseconds after `to`, so that the last windows close by the same events as live. */
  readonly afterMs: number
  readonly reason: string
}

/** Tables are read whole beside this: their history is what a join may look up. */
export function warmUpOf(plan: Plan): WarmUp {
  const own = operatorWarmUp(plan)
  const waits = Math.max(0, ...plan.inputs.map(heldFor))
  const horizons = duplicatesOf(plan).reduce((sum, { withinMs }) => sum + withinMs, 0)
  if (waits + horizons === 0) return own
  const reasons = [
    ...(plan.operator === undefined ? [] : [own.reason]),
    ...(waits > 0 ? ['window and grace of the join'] : []),
    ...(horizons > 0 ? ['twice the time within which duplicates are dropped'] : []),
  ]
  // What an event is a duplicate of is a horizon before it, and may have come that much behind stream time.
  const beforeMs = own.beforeMs + waits + 2 * horizons
  return { beforeMs, afterMs: own.afterMs + waits, reason: reasons.join(', ') }
}

/** How far apart in event time a row and what it is joined with may be. */
function heldFor(input: InputPlan): number {
  const step = input.steps[holdsAt(input)]
  if (step?.kind === 'join') return step.graceMs
  if (step?.kind !== 'within') return 0
  const { beforeMs, afterMs, graceMs } = step.within
  return Math.max(beforeMs, 0) + Math.max(afterMs, 0) + graceMs
}

function operatorWarmUp({ operator }: Plan): WarmUp {
  if (operator?.kind === 'tables')
    return { beforeMs: Number.POSITIVE_INFINITY, afterMs: 0, reason: 'two tables: from the first offset there is' }
  if (operator === undefined) return { beforeMs: 0, afterMs: 0, reason: 'no state: the range alone' }
  if (operator.kind === 'window') return windowed(operator.window)
  if (operator.ttlMs === undefined)
    return {
      beforeMs: Number.POSITIVE_INFINITY,
      afterMs: operator.graceMs ?? 0,
      reason: 'state without time to live: from the first offset there is',
    }
  const length = operator.ttlMs + (operator.graceMs ?? 0)
  return { beforeMs: length, afterMs: length, reason: 'time to live of the state' }
}

function windowed(window: Window): WarmUp {
  switch (window.kind) {
    case 'count': {
      const reason = 'a window of a number of events may have begun at any time: from the first offset there is'
      return { beforeMs: Number.POSITIVE_INFINITY, afterMs: window.graceMs ?? 0, reason }
    }
    case 'session': {
      // Behind a re-key a session closes two gaps after its last event.
      const afterMs = 2 * window.gapMs + window.graceMs
      const reason = 'a session may have begun at any time: from the first offset there is'
      return { beforeMs: Number.POSITIVE_INFINITY, afterMs, reason }
    }
    case 'sliding': {
      // The last window of an event starts just behind it.
      const length = 2 * window.sizeMs + 1 + window.graceMs
      return { beforeMs: length, afterMs: length, reason: 'two window sizes and grace' }
    }
    default: {
      const length = (window.kind === 'calendar' ? LONGEST[window.unit] : window.sizeMs) + window.graceMs
      return { beforeMs: length, afterMs: length, reason: 'window size and grace' }
    }
  }
}
