import { DAY_MS } from '../calendar.ts'
import type { Domain } from './domains/index.ts'
import { inOrder, type WorldEvent } from './event.ts'
import { hoursBetween } from './seasons.ts'
import { HOUR_MS } from './settings.ts'
import type { World } from './world.ts'

/** Whole UTC days of some domains. */
export interface Span {
  readonly domains: readonly Domain[]
  /** First instant, the beginning of a UTC day, milliseconds. */
  readonly start: number
  readonly days: number
  /** Begin with the rows of the domains' tables as they are at the start. */
  readonly tables: boolean
}

/** What happens in an hour in all the domains, in the order of event time. */
export function eventsOfHour(world: World, domains: readonly Domain[], hour: number): readonly WorldEvent[] {
  const [only] = domains
  if (only !== undefined && domains.length === 1) return only.hour(world, hour)
  return inOrder(domains.flatMap((domain) => [...domain.hour(world, hour)]))
}

/** The rows of the domains' tables as they are at an instant, per topic in the order of event time. */
export function* tablesAt(world: World, domains: readonly Domain[], instant: number): Generator<WorldEvent> {
  for (const domain of domains) yield* domain.before?.(world, instant) ?? []
}

/** What comes in an hour (since 1970, UTC); the tables come in a span's first hour, before what happens then. */
export interface HourOfEvents {
  readonly hour: number
  readonly events: readonly WorldEvent[]
}

/** Everything of a span, hour by hour; per topic in the order of event time. The same span is the same events. */
export function* hoursOf(world: World, { domains, start, days, tables }: Span): Generator<HourOfEvents> {
  const first = start / HOUR_MS
  if (tables) yield { hour: first, events: [...tablesAt(world, domains, start)] }
  for (const hour of hoursBetween(first, first + (days * DAY_MS) / HOUR_MS))
    yield { hour, events: eventsOfHour(world, domains, hour) }
}

/** The events of `hoursOf`. */
export function* eventsOf(world: World, span: Span): Generator<readonly WorldEvent[]> {
  for (const { events } of hoursOf(world, span)) yield events
}
