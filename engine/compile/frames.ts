import type { FramedWindow } from '#engine/topology'
import { Calendar } from './calendar.ts'
import { LocalHours } from './local-hours.ts'

/** Which windows an event time belongs to. */
export interface Frames {
  readonly graceMs: number
  /** Set where an event belongs to exactly one window: its start. */
  readonly startOf: ((time: number) => number) | undefined
  /** Starts of all windows that hold `time`, ascending. */
  starts(time: number): readonly number[]
  endOf(start: number): number
}

/** When a window whose end is excluded closes. */
export const frameClosesAt = (end: number, graceMs: number): number => closesAt(end - 1, graceMs)

/**
 * The one open-predicate: a window is open while `lastAdmissible ≥ streamTime − grace`, where the last admissible event
 * time is the latest that could still belong to it. So it closes at this stream time, and is no longer open there.
 */
export const closesAt = (lastAdmissible: number, graceMs: number): number => lastAdmissible + 1 + graceMs

export function framesOf(window: FramedWindow): Frames {
  if (window.kind === 'calendar') {
    const { unit, timeZone } = window
    const calendar = unit === 'hour' ? new LocalHours(timeZone) : new Calendar(unit, timeZone)
    const startOf = (time: number): number => calendar.startOf(time)
    return {
      graceMs: window.graceMs,
      startOf,
      starts: (time) => [startOf(time)],
      endOf: (start) => calendar.endOf(start),
    }
  }
  const { sizeMs, advanceMs, graceMs } = window
  const startOf = (time: number): number => Math.floor(time / advanceMs) * advanceMs
  return {
    graceMs,
    startOf: window.kind === 'tumbling' ? startOf : undefined,
    starts(time) {
      const starts: number[] = []
      // No window begins before 1970 unless the event itself is older.
      const least = time < 0 ? Number.NEGATIVE_INFINITY : 0
      for (let start = startOf(time); start > time - sizeMs && start >= least; start -= advanceMs) starts.push(start)
      return starts.reverse()
    },
    endOf: (start) => start + sizeMs,
  }
}
