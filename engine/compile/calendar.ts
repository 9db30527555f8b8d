import type { CalendarUnit } from '#engine/topology'

const DAY = 86_400_000
/** No zone's clocks are further from UTC than this (they range from −12 to +14 hours, with a little history beyond). */
const FURTHEST = 26 * 3_600_000

/** Hours are told by the clock, not by the date: see LocalHours. */
type DateUnit = Exclude<CalendarUnit, 'hour'>

/**
 * The local days, weeks (from Monday), months or years of a time zone as instants. Boundaries are found with Intl once per
 * window and remembered; a look-up in the window of the last one is a comparison.
 */
export class Calendar {
  readonly #unit: DateUnit
  readonly #format: Intl.DateTimeFormat
  /** First instant of a local date, by its number of days since 1970. */
  readonly #firstInstants = new Map<number, number>()
  readonly #ends = new Map<number, number>()
  /** Windows that begin in or reach into a UTC day: at most three days, or one week, month or year and the next. */
  readonly #byUtcDay = new Map<number, readonly { readonly start: number; readonly end: number }[]>()
  #start = Number.POSITIVE_INFINITY
  #end = Number.NEGATIVE_INFINITY

  constructor(unit: DateUnit, timeZone: string) {
    this.#unit = unit
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      era: 'short',
    })
  }

  /** Start of the window that holds an instant. */
  startOf(time: number): number {
    if (time >= this.#start && time < this.#end) return this.#start
    const utcDay = Math.floor(time / DAY)
    const windows = this.#byUtcDay.get(utcDay) ?? this.#windowsOf(utcDay)
    for (const { start, end } of windows) {
      if (time < start || time >= end) continue
      this.#start = start
      this.#end = end
      return start
    }
    throw new RangeError(`no window of the calendar holds ${time}`)
  }

  /** End, exclusive, of the window that starts there. */
  endOf(start: number): number {
    const known = this.#ends.get(start)
    if (known !== undefined) return known
    const end = this.#boundsOf(this.#localDay(start)).end
    this.#ends.set(start, end)
    return end
  }

  #windowsOf(utcDay: number): readonly { readonly start: number; readonly end: number }[] {
    const found = new Map<number, { start: number; end: number }>()
    for (const instant of [utcDay * DAY, utcDay * DAY + DAY - 1]) {
      const bounds = this.#boundsOf(this.#localDay(instant))
      found.set(bounds.start, bounds)
    }
    // A day shorter than a UTC day may lie between the two.
    const [first] = found.values()
    if (first && first.end < utcDay * DAY + DAY) {
      const bounds = this.#boundsOf(this.#localDay(first.end))
      found.set(bounds.start, bounds)
    }
    const windows = [...found.values()]
    this.#byUtcDay.set(utcDay, windows)
    for (const { start, end } of windows) this.#ends.set(start, end)
    return windows
  }

  #boundsOf(localDay: number): { start: number; end: number } {
    const [first, next] = this.#daysOf(localDay)
    return { start: this.#firstInstant(first), end: this.#firstInstant(next) }
  }

  /** First local day of the window, and of the one after. */
  #daysOf(localDay: number): readonly [number, number] {
    if (this.#unit === 'day') return [localDay, localDay + 1]
    // 1970-01-01 was a Thursday: three days after a Monday.
    if (this.#unit === 'week') {
      const monday = localDay - ((((localDay + 3) % 7) + 7) % 7)
      return [monday, monday + 7]
    }
    const date = new Date(localDay * DAY)
    if (this.#unit === 'year') {
      const year = (plus: number): number => Date.UTC(date.getUTCFullYear() + plus, 0, 1) / DAY
      return [year(0), year(1)]
    }
    const month = (plus: number): number => Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + plus, 1) / DAY
    return [month(0), month(1)]
  }

  /** The local date of an instant, as days since 1970. */
  #localDay(instant: number): number {
    let year = 1970
    let month = 1
    let day = 1
    let before = false
    for (const { type, value } of this.#format.formatToParts(instant)) {
      if (type === 'year') year = Number(value)
      else if (type === 'month') month = Number(value)
      else if (type === 'day') day = Number(value)
      else if (type === 'era') before = value.startsWith('B')
    }
    return Date.UTC(before ? 1 - year : year, month - 1, day) / DAY
  }

  /**
   * The first instant whose local date is `localDay` or later, by bisection: dates never go back, even where clocks do. A
   * date that a zone left out begins where the next one does.
   */
  #firstInstant(localDay: number): number {
    const known = this.#firstInstants.get(localDay)
    if (known !== undefined) return known
    let low = localDay * DAY - FURTHEST
    let high = localDay * DAY + FURTHEST
    while (low < high) {
      const middle = Math.floor((low + high) / 2)
      if (this.#localDay(middle) >= localDay) high = middle
      else low = middle + 1
    }
    this.#firstInstants.set(localDay, low)
    return low
  }
}
