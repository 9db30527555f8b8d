import { REKEY_GRACE_MS } from '../peers.ts'
import type { ProgramName } from '../programs.ts'
import { type QueryName, times } from '../queries.ts'
import type { CountryTotal, Distinct, Masked, Pair, VisitorTotal } from '../topics.ts'
import type { Pace, Sent } from './pace.ts'

/** Of a result: when the event was sent that it had to wait for, and how many events it stands for. */
export interface Cause {
  readonly sent: Sent | undefined
  readonly events: number
}

/**
 * What a result row had to wait for: the event whose time closes its window, the event it was made of, or of a pair the
 * later one. A window of one partition is closed by that partition's next event: a few milliseconds after the first event
 * of that time, which is what counts here, alike for every engine.
 */
export function causeOf(query: QueryName, program: ProgramName): (row: unknown, pace: Pace) => Cause {
  switch (query) {
    case 'country':
    case 'user': {
      const grace = query === 'country' && program === 'kafka-streams' ? REKEY_GRACE_MS : times.grace
      return (row, pace) => {
        const { windowEnd, events } = row as CountryTotal
        return { sent: pace.ofTime(windowEnd + grace), events }
      }
    }
    case 'session': {
      // Flink says when the session ends for want of an event, the others when its last event was.
      const pause = program === 'flink' ? 0 : times.gap
      return (row, pace) => {
        const { windowEnd, events } = row as VisitorTotal
        return { sent: pace.ofTime(windowEnd + pause + times.grace), events }
      }
    }
    case 'mask':
    case 'dedup':
      return (row, pace) => ({ sent: pace.ofEvent(numberOf((row as Masked | Distinct).eventId)), events: 1 })
    case 'join':
      return (row, pace) => {
        const { purchaseId, clickId } = row as Pair
        return { sent: pace.ofEvent(Math.max(numberOf(purchaseId), numberOf(clickId))), events: 1 }
      }
  }
}

/**
 * Events that the results of a measured step must stand for, where that is known: all windows that were closed in it, or
 * all that was sent in it.
 */
export function expected(query: QueryName, program: ProgramName, pace: Pace, step: number): number | undefined {
  const cause = causeOf(query, program)
  switch (query) {
    case 'country':
    case 'user': {
      let events = 0
      for (const [start, sent] of pace.perMinute)
        if (cause({ windowEnd: start + times.size, events: sent }, pace).sent?.step === step) events += sent
      return events
    }
    case 'mask':
      return pace.sent(step)
    case 'dedup':
      return pace.originals(step)
    default:
      return undefined
  }
}

/** Ids end in the number of the event (world.ts). */
const numberOf = (id: string): number => Number(id.slice(-12))
