import { delays, positions, schedules } from '#schemas'
import { happening, inOrder, type WorldEvent } from '../event.ts'
import { ANNOUNCED_HOURS, FLIGHT_HOURS } from '../flights.ts'
import { hoursBetween } from '../seasons.ts'
import { HOUR_MS } from '../settings.ts'
import type { Domain } from './domain.ts'

/** A timetable with what becomes of it; delays follow the weather of the weather domain. */
export const flights: Domain = {
  name: 'flights',
  doc: 'flights: the timetable, positions in the air, delays and why',
  topics: [schedules, positions, delays],

  hour(world, hour) {
    const [from, to] = [hour * HOUR_MS, (hour + 1) * HOUR_MS]
    const within = (at: number) => at >= from && at < to
    const events: WorldEvent[] = []
    const ahead =
      from === world.settings.start ? hoursBetween(hour, hour + ANNOUNCED_HOURS + 1) : [hour + ANNOUNCED_HOURS]
    for (const departing of ahead)
      for (const { schedule } of world.flights(departing))
        if (within(schedule.announcedAt)) events.push(happening(schedules, schedule))
    for (const departing of hoursBetween(hour - FLIGHT_HOURS, hour + 1))
      for (const { delay, positions: track } of world.flights(departing)) {
        if (delay.reportedAt >= to || (track.at(-1)?.observedAt ?? delay.reportedAt) < from) continue
        if (within(delay.reportedAt)) events.push(happening(delays, delay))
        for (const position of track) if (within(position.observedAt)) events.push(happening(positions, position))
      }
    return inOrder(events)
  },

  before(world, instant) {
    const hour = Math.floor(instant / HOUR_MS)
    const rows = hoursBetween(hour - FLIGHT_HOURS, hour + ANNOUNCED_HOURS + 1).flatMap((departing) =>
      world.flights(departing).map(({ schedule }) => happening(schedules, schedule)),
    )
    return inOrder(rows.filter(({ at }) => at < instant))
  },
}
