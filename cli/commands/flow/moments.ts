import { KappaError } from '#engine/errors'
import type { DeclaredFlow } from '../../../deploy/flows.ts'
import { DAY_MS, dateText, dayOf, startOfDay } from '../../../producers/calendar.ts'
import { filled } from '../schedule/command.ts'

/** More moments than these of one day are none of a flow. */
const MOST_A_DAY = 1_440

type Timed = Pick<DeclaredFlow, 'name' | 'moments' | 'timeZone' | 'dateOffset'>

/** The day that a run is about: its moment's day in the flow's zone, and so many days more. */
export const dateOf = ({ timeZone, dateOffset }: Timed, moment: number): string =>
  filled('{{date}}', moment, timeZone, dateOffset)

/** The moments of the runs about a day, oldest first. Throws CONFIG_INVALID where the expression names none. */
export function momentsOf(flow: Timed, date: string, flag: string): readonly number[] {
  const day = dayOf(date, flag) - flow.dateOffset
  const [from, to] = [startOfDay(day, flow.timeZone), startOfDay(day + 1, flow.timeZone)]
  return flow.moments.between(from - 1, to - 1, MOST_A_DAY)
}

/** The moments of the runs about every day from the first to the last, oldest first. */
export function momentsBetween(flow: Timed, from: string, to: string): readonly number[] {
  const [first, last] = [dayOf(from, '--from'), dayOf(to, '--to')]
  if (last < first)
    throw new KappaError('CONFIG_INVALID', `reading the wanted days: --to ${to} is before --from ${from}`)
  const days = Array.from({ length: last - first + 1 }, (_, index) => dateText(first + index))
  return days.flatMap((day) => momentsOf(flow, day, '--from'))
}

/** The last moment that has come. Throws CONFIG_INVALID where none came for a year. */
export function latestMoment(flow: Timed, now: number): number {
  for (let span = 2 * DAY_MS; span <= 512 * DAY_MS; span *= 16) {
    const [latest] = flow.moments.between(now - span, now, 1)
    if (latest !== undefined) return latest
  }
  throw new KappaError('CONFIG_INVALID', `running ${flow.name}: no moment of it came for a year; say --date`)
}
