import { KappaError } from '#engine/errors'

type Unit = 'millisecond' | 'second' | 'minute' | 'hour' | 'day' | 'week'

/** A length of time as people write it: `30 seconds`, `1 hour`. A day is 24 hours; calendar days are a window kind. */
export type Duration = `${number} ${Unit | `${Unit}s`}`

const MILLISECONDS: Record<Unit, number> = {
  millisecond: 1,
  second: 1_000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
}

/** Milliseconds of a duration. Refuses (CONFIG_INVALID) what is not one. */
export function milliseconds(duration: Duration | string): number {
  const match = /^(\d+(?:\.\d+)?) (millisecond|second|minute|hour|day|week)s?$/.exec(duration)
  if (!match) throw new KappaError('CONFIG_INVALID', `reading the duration '${duration}' (write it as '30 seconds')`)
  return Number(match[1]) * MILLISECONDS[match[2] as Unit]
}
