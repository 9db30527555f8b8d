import { reports } from '#schemas'
import { happening, inOrder } from '../event.ts'
import { HOUR_MS } from '../settings.ts'
import { AIRPORTS, weatherAt } from '../skies.ts'
import type { Domain } from './domain.ts'

/** Hourly weather at the airports of the timetable. */
export const weather: Domain = {
  name: 'weather',
  doc: 'weather: hourly reports of the airports',
  topics: [reports],

  hour({ settings }, hour) {
    if (hour * HOUR_MS < settings.start) return []
    return inOrder(AIRPORTS.map((airport) => happening(reports, weatherAt(settings.seed, airport, hour))))
  },

  before: ({ settings }, instant) =>
    AIRPORTS.map((airport) =>
      happening(reports, weatherAt(settings.seed, airport, Math.ceil(instant / HOUR_MS) - 1)),
    ).filter(({ at }) => at >= settings.start),
}
