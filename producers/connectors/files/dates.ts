import { KappaError } from '#engine/errors'
import { offsetAt } from '../../calendar.ts'

/** An instant in milliseconds, or undefined where the text is none. */
export type ReadInstant = (text: string) => number | undefined

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/** Letters of a format, as CLDR names them (Unicode TS #35, "Date Field Symbol Table"). */
const TOKENS: Readonly<Record<string, string>> = {
  yyyy: '(?<year>\\d{4})',
  MM: '(?<month>\\d{2})',
  M: '(?<month>\\d{1,2})',
  MMM: '(?<monthName>[A-Za-z]{3})',
  dd: '(?<day>\\d{2})',
  d: '(?<day>\\d{1,2})',
  HH: '(?<hour>\\d{2})',
  H: '(?<hour>\\d{1,2})',
  mm: '(?<minute>\\d{2})',
  ss: '(?<second>\\d{2})',
  SSS: '(?<fraction>\\d{3})',
}

const ISO =
  /^(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)(?:[T ](?<hour>\d\d):(?<minute>\d\d)(?::(?<second>\d\d)(?:\.(?<fraction>\d{1,9}))?)?(?<zone>Z|[+-]\d\d:?\d\d)?)?$/

/**
 * Reads instants in the formats given, the first one that fits. `iso` (ISO 8601: date, or date and time), `epoch-seconds`,
 * `epoch-millis`, or a pattern of `yyyy MM M MMM dd d HH H mm ss SSS`. What names no zone is of `timeZone`; days that no
 * calendar has are refused. Throws CONFIG_INVALID naming a format that cannot be used.
 */
export function instantReader(formats: readonly string[], timeZone: string): ReadInstant {
  const readers = formats.map((format) => readerOf(format, timeZone))
  return (text) => {
    for (const read of readers) {
      const instant = read(text)
      if (instant !== undefined) return instant
    }
    return undefined
  }
}

function readerOf(format: string, timeZone: string): ReadInstant {
  if (format === 'epoch-seconds') return (text) => (/^-?\d{1,11}$/.test(text) ? Number(text) * 1_000 : undefined)
  if (format === 'epoch-millis') return (text) => (/^-?\d{1,15}$/.test(text) ? Number(text) : undefined)
  const expression = format === 'iso' ? ISO : expressionOf(format)
  return (text) => {
    const groups = expression.exec(text)?.groups
    return groups === undefined ? undefined : instantOf(groups, timeZone)
  }
}

function expressionOf(format: string): RegExp {
  let source = ''
  for (const [part] of format.matchAll(/[A-Za-z]+|[^A-Za-z]+/g)) {
    if (!/^[A-Za-z]/.test(part)) {
      source += part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
      continue
    }
    const token = part === 'T' ? 'T' : TOKENS[part]
    if (token === undefined)
      throw new KappaError('CONFIG_INVALID', `reading the date format '${format}': '${part}' means nothing`)
    source += token
  }
  if (!/<year>/.test(source) || !/<day>/.test(source) || !/<month/.test(source))
    throw new KappaError('CONFIG_INVALID', `reading the date format '${format}': it lacks year, month or day`)
  return new RegExp(`^${source}$`)
}

function instantOf(groups: Readonly<Record<string, string | undefined>>, timeZone: string): number | undefined {
  const { monthName, fraction = '', zone } = groups
  const number = (name: string, otherwise: number) => (groups[name] === undefined ? otherwise : Number(groups[name]))
  const month = monthName === undefined ? number('month', 0) : MONTHS.indexOf(monthName.toLowerCase()) + 1
  const [year, day, hour, minute, second] = [
    number('year', 0),
    number('day', 0),
    number('hour', 0),
    number('minute', 0),
    number('second', 0),
  ]
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month) || hour > 23 || minute > 59 || second > 59)
    return undefined
  const local = Date.UTC(year, month - 1, day, hour, minute, second, Number(fraction.slice(0, 3).padEnd(3, '0')))
  if (zone !== undefined) return local - offsetOf(zone)
  if (timeZone === 'UTC') return local
  return local - offsetAt(local - offsetAt(local, timeZone), timeZone)
}

const daysIn = (year: number, month: number): number =>
  month === 2
    ? (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
      ? 29
      : 28
    : [4, 6, 9, 11].includes(month)
      ? 30
      : 31

/** `+02:00` → 7,200,000. */
function offsetOf(zone: string): number {
  if (zone === 'Z') return 0
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2))
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000
}
