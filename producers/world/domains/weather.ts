import { reports } from '#schemas'
import { happening, inOrder, type WorldEvent } from '../event.ts'
import { HOUR_MS } from '../settings.ts'
import { AIRPORTS, weatherAt, weatherWithin } from '../skies.ts'
import { REPORT_EVERY_MS, reportTimes } from '../staggered.ts'
import type { World } from '../world.ts'
import type { Domain } from './domain.ts'

/** Hourly weather at the airports of the timetable; between the hours, too, where reports come minutely. */
export const weather: Domain = {
  name: 'weather',
  doc: 'weather: hourly reports of the airports',
  topics: [reports],

  hour(world, hour) {
    const { settings } = world
    if (hour * HOUR_MS < settings.start) return []
    const hourly = AIRPORTS.map((airport) => happening(reports, weatherAt(settings.seed, airport, hour)))
    return inOrder([...hourly, ...between(world, hour * HOUR_MS, (hour + 1) * HOUR_MS)])
  },

  before(world, instant) {
    const { seed, start } = world.settings
    const hourly = AIRPORTS.map((airport) =>
      happening(reports, weatherAt(seed, airport, Math.ceil(instant / HOUR_MS) - 1)),
    )
    return inOrder([...hourly, ...between(world, instant - REPORT_EVERY_MS, instant)]).filter(({ at }) => at >= start)
  },
}

/** What airports report between the hours. */
function between({ settings: { seed, frequency } }: World, from: number, to: number): WorldEvent[] {
  if (frequency !== 'minutely') return []
  return AIRPORTS.flatMap((airport, i) =>
    reportTimes(i, AIRPORTS.length, from, to).map((at) => happening(reports, weatherWithin(seed, airport, at))),
  )
}
