import { KappaError } from '#engine/errors'
import { type Duration, milliseconds } from '#engine/time'
import type { Field } from './fields.ts'
import type { StatefulSpec } from './stream.ts'

/** An event that nothing followed. */
export interface Unfollowed<Key, Event> {
  readonly key: Key
  readonly event: Event
  /** The event's time. */
  readonly startedAt: number
  /** The last time at which something could have followed: `startedAt` + `within`. */
  readonly endedAt: number
}

/** @template R the row made of an event that nothing followed */
export interface NotFollowedSpec<V, K extends Field<V>, F extends Field<V>, R> {
  /** Names its state in the changelog. */
  readonly name: string
  readonly reads: readonly F[]
  /** Events that have to be followed. One that `starts` is not looked at as one that `ends`. */
  readonly starts: (event: Pick<V, F>) => boolean
  /** Events that follow. */
  readonly ends: (event: Pick<V, F>) => boolean
  /** How long after the start, in event time, both ends included. */
  readonly within: Duration
  /** How much later than stream time events may be. */
  readonly grace: Duration
  /** `each`: every start by itself. `last`: a start followed by another one within that time is followed. */
  readonly of: 'each' | 'last'
  readonly make: (missing: Unfollowed<Pick<V, K>, Pick<V, F>>) => R
}

interface Waiting<E> {
  readonly starts: { readonly time: number; readonly event: E }[]
  readonly ends: number[]
}

/**
 * "A without B within T", by key, as a stateful operator: `.keyBy('sessionId').process(notFollowed({ … }))`. Abandoned
 * carts, orders without shipment, heartbeats that stopped.
 *
 * It goes by event times alone, in whatever order events come: a start is judged when stream time has left
 * `startedAt + within + grace`, the same open-predicate as that of windows, and its row is emitted once, then. What comes
 * when its own time is that far behind is late.
 */
export function notFollowed<V, K extends Field<V>, F extends Field<V>, const R extends object>(
  spec: NotFollowedSpec<V, K, F, R>,
): StatefulSpec<V, K, F, Waiting<Pick<V, F>>, never, R> {
  const { name, reads, starts, ends, of, make } = spec
  const withinMs = milliseconds(spec.within)
  if (withinMs <= 0) throw new KappaError('PLAN_INVALID', `making '${name}': nothing follows within ${spec.within}`)
  /** From an event's time to the stream time at which it is judged, or cannot count any more. */
  const judgedAfter = withinMs + milliseconds(spec.grace) + 1
  const followed = (waiting: Waiting<Pick<V, F>>, time: number): boolean =>
    waiting.ends.some((end) => end >= time && end <= time + withinMs) ||
    (of === 'last' && waiting.starts.some((other) => other.time > time && other.time <= time + withinMs))

  return {
    name,
    reads,
    state: { initial: () => ({ starts: [], ends: [] }) },
    // What is left is forgotten by a timer at just this time; it bounds what a replay has to read before its range.
    ttl: `${judgedAfter} milliseconds`,
    onEvent(context, event, waiting) {
      const { eventTime, streamTime } = context
      const starting = starts(event)
      if (!starting && !ends(event)) {
        if (waiting.starts.length + waiting.ends.length === 0) context.remove()
        return undefined
      }
      if (eventTime + judgedAfter <= streamTime) {
        if (waiting.starts.length + waiting.ends.length === 0) context.remove()
        context.late()
        return undefined
      }
      if (starting) waiting.starts.push({ time: eventTime, event })
      else waiting.ends.push(eventTime)
      context.setTimer(eventTime + judgedAfter)
      return undefined
    },
    onTimer({ key, eventTime, remove }, waiting) {
      const judged = eventTime - judgedAfter
      const rows = waiting.starts
        .filter(({ time }) => time <= judged && !followed(waiting, time))
        .sort((a, b) => a.time - b.time)
        .map(({ time, event }) => make({ key, event, startedAt: time, endedAt: time + withinMs }))
      keepAfter(waiting, judged)
      if (waiting.starts.length + waiting.ends.length === 0) remove()
      return rows
    },
  }
}

/** Forgets what was judged, and ends that can follow nothing any more. */
function keepAfter<E>(waiting: Waiting<E>, judged: number): void {
  const starts = waiting.starts.filter(({ time }) => time > judged)
  const ends = waiting.ends.filter((time) => time > judged)
  waiting.starts.splice(0, waiting.starts.length, ...starts)
  waiting.ends.splice(0, waiting.ends.length, ...ends)
}
