import { type Clock, systemClock } from '#engine/time'
import type { Domain } from './domains/index.ts'
import type { WorldEvent } from './event.ts'
import { eventsOfHour, type HourOfEvents, tablesAt } from './history.ts'
import { HOUR_MS } from './settings.ts'
import type { World } from './world.ts'

export interface LiveOptions {
  readonly domains: readonly Domain[]
  /** How long, seconds; without it until the signal. */
  readonly durationSeconds?: number
  /** Begin with the rows of the domains' tables. */
  readonly tables: boolean
  readonly clock?: Clock
  readonly signal?: AbortSignal
}

const TICK_MS = 100

/**
 * The world as it happens: the events that a batch over the same days has, each when its time has come. An empty batch
 * where nothing happened in a while.
 */
export async function* liveEvents(world: World, options: LiveOptions): AsyncGenerator<readonly WorldEvent[]> {
  const { domains, durationSeconds, tables, clock = systemClock, signal } = options
  const start = clock.now()
  const end = durationSeconds === undefined ? Number.POSITIVE_INFINITY : start + durationSeconds * 1_000
  if (tables) yield [...tablesAt(world, domains, start)]
  let hour = Math.floor(start / HOUR_MS)
  let coming: readonly WorldEvent[] = eventsOfHour(world, domains, hour).filter(({ at }) => at >= start)
  let next = 0
  for (let now = clock.now(); ; now = clock.now()) {
    const until = Math.min(now, end - 1)
    const due: WorldEvent[] = []
    for (;;) {
      for (; next < coming.length && (coming[next] as WorldEvent).at <= until; next++)
        due.push(coming[next] as WorldEvent)
      if (next < coming.length || (hour + 1) * HOUR_MS > until) break
      hour++
      coming = eventsOfHour(world, domains, hour)
      next = 0
    }
    yield due
    if (now >= end || signal?.aborted) return
    await clock.sleep(TICK_MS, signal)
  }
}

/** `liveEvents` by the hour in which they come, as `hoursOf` has them: the tables in the first one. */
export async function* liveHoursOf(world: World, options: LiveOptions): AsyncGenerator<HourOfEvents> {
  const { clock = systemClock } = options
  const first = Math.floor(clock.now() / HOUR_MS)
  for await (const events of liveEvents(world, options)) {
    const byHour = new Map<number, WorldEvent[]>()
    for (const event of events) {
      const hour = Math.max(first, Math.floor(event.at / HOUR_MS))
      const known = byHour.get(hour)
      if (known) known.push(event)
      else byHour.set(hour, [event])
    }
    for (const [hour, own] of byHour) yield { hour, events: own }
  }
}
