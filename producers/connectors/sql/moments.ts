import { offsetAt } from '../../calendar.ts'

const DAY_MS = 86_400_000

/** A point on a calendar's line, with the digits of its second. */
export interface Wall {
  /** As if it were UTC, whole milliseconds. */
  readonly ms: number
  /** Nanoseconds of the second. */
  readonly nanos: number
  /** Digits of the second that are there. */
  readonly digits: number
}

const MOMENT = /^(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?)?(?:Z|\+00(?::?00)?)?$/

/** Undefined for what no calendar has: `0000-00-00`, `infinity`, the 30th of February. */
export function wallOf(text: string): Wall | undefined {
  const match = MOMENT.exec(text)
  if (!match) return undefined
  const [, year, month, day, hour = '00', minute = '00', second = '00', digits = ''] = match
  const whole = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  if (Number.isNaN(whole) || new Date(whole).toISOString().slice(0, 10) !== `${year}-${month}-${day}`) return undefined
  const nanos = Number(digits.padEnd(9, '0'))
  return { ms: whole + Math.floor(nanos / 1_000_000), nanos, digits: digits.replace(/0+$/, '').length }
}

/**
 * The instant, milliseconds, at which a clock on a wall shows this in a zone: the first of two where clocks are set back;
 * undefined where they are set forward over it.
 */
export function instantIn(wallMs: number, timeZone: string): number | undefined {
  if (timeZone === 'UTC') return wallMs
  const offsets = new Set([offsetAt(wallMs - DAY_MS, timeZone), offsetAt(wallMs + DAY_MS, timeZone)])
  const instants = [...offsets].map((offset) => wallMs - offset).filter((at) => at + offsetAt(at, timeZone) === wallMs)
  return instants.length === 0 ? undefined : Math.min(...instants)
}

const TIME = /^(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?$/

/** Nanoseconds since midnight; undefined for what no clock shows: MySQL's times may be negative, or longer than a day. */
export function sinceMidnight(text: string): { readonly nanos: number; readonly digits: number } | undefined {
  const match = TIME.exec(text)
  if (!match) return undefined
  const [, hour, minute, second, digits = ''] = match
  const seconds = Number(hour) * 3_600 + Number(minute) * 60 + Number(second)
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined
  return { nanos: seconds * 1e9 + Number(digits.padEnd(9, '0')), digits: digits.replace(/0+$/, '').length }
}
