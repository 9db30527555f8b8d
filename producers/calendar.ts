import { KappaError } from '#engine/errors'

export const DAY_MS = 86_400_000

/** Days since 1970 of a date written `2025-01-31`. Throws CONFIG_INVALID naming the flag for anything else, and for days that no calendar has. */
export function dayOf(text: string, flag: string): number {
  const milliseconds = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN
  if (Number.isNaN(milliseconds) || dateText(milliseconds / DAY_MS) !== text)
    throw new KappaError('CONFIG_INVALID', `reading ${flag}: '${text}' is no date (write it as 2025-01-31)`)
  return milliseconds / DAY_MS
}

/** `2025-01-31` */
export const dateText = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10)

const formats = new Map<string, Intl.DateTimeFormat>()

/** Local time minus UTC at an instant, milliseconds (IANA time-zone rules, as this Node has them). */
export function offsetAt(instant: number, timeZone: string): number {
  let format = formats.get(timeZone)
  if (!format) {
    const parts = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const
    format = new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', ...parts, second: 'numeric' })
    formats.set(timeZone, format)
  }
  const at: Record<string, number> = {}
  for (const { type, value } of format.formatToParts(instant)) at[type] = Number(value)
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = at
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(instant / 1_000) * 1_000
}

/** The instant at which a calendar day begins in a time zone, milliseconds. */
export function startOfDay(day: number, timeZone: string): number {
  const local = day * DAY_MS
  const guess = local - offsetAt(local, timeZone)
  return local - offsetAt(guess, timeZone)
}
