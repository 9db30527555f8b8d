const HOUR = 3_600_000
const QUARTER = 900_000
/** Windows remembered before all are forgotten: two months of quarters of an hour. */
const MOST_KNOWN = 6_000

interface Bounds {
  readonly start: number
  readonly end: number
}

/**
 * The local hours of a time zone as instants: from one full hour on its clocks to the next, cut where the clocks change. An
 * hour that clocks show twice is two windows; one that they leave out is none; where they change by half an hour, an hour
 * is half as long.
 */
export class LocalHours {
  readonly #format: Intl.DateTimeFormat
  /** The hour that holds the beginning of a quarter of an hour. */
  readonly #known = new Map<number, Bounds>()
  #last: Bounds = { start: Number.POSITIVE_INFINITY, end: Number.NEGATIVE_INFINITY }

  constructor(timeZone: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
      era: 'short',
    })
  }

  /** Start of the hour that holds an instant. */
  startOf(time: number): number {
    if (time >= this.#last.start && time < this.#last.end) return this.#last.start
    this.#last = this.#boundsOf(time)
    return this.#last.start
  }

  /** End, exclusive, of the hour that starts there. */
  endOf(start: number): number {
    return this.#last.start === start ? this.#last.end : this.#boundsOf(start).end
  }

  #boundsOf(time: number): Bounds {
    const quarter = Math.floor(time / QUARTER)
    const known = this.#known.get(quarter)
    if (known && time >= known.start && time < known.end) return known
    const offset = this.#offsetAt(time)
    const full = Math.floor((time + offset) / HOUR) * HOUR - offset
    const bounds = { start: this.#sinceWhen(full, time, offset), end: this.#untilWhen(time, full + HOUR, offset) }
    if (this.#known.size >= MOST_KNOWN) this.#known.clear()
    this.#known.set(quarter, bounds)
    return bounds
  }

  /** The first instant from `from` on since which the clocks are `offset` ahead of UTC, as they are at `to`. */
  #sinceWhen(from: number, to: number, offset: number): number {
    if (this.#offsetAt(from) === offset) return from
    let before = from
    let since = to
    while (since - before > 1) {
      const middle = Math.floor((before + since) / 2)
      if (this.#offsetAt(middle) === offset) since = middle
      else before = middle
    }
    return since
  }

  /** The first instant after `from` at which the clocks are no longer `offset` ahead; `to` where they still are just before it. */
  #untilWhen(from: number, to: number, offset: number): number {
    if (this.#offsetAt(to - 1) === offset) return to
    let still = from
    let until = to - 1
    while (until - still > 1) {
      const middle = Math.floor((still + until) / 2)
      if (this.#offsetAt(middle) === offset) still = middle
      else until = middle
    }
    return until
  }

  /** How far the zone's clocks are ahead of UTC. */
  #offsetAt(instant: number): number {
    const second = Math.floor(instant / 1000) * 1000
    const parts: Record<string, number> = {}
    let before = false
    for (const { type, value } of this.#format.formatToParts(second)) {
      if (type === 'era') before = value.startsWith('B')
      else parts[type] = Number(value)
    }
    const { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second: seconds = 0 } = parts
    return Date.UTC(before ? 1 - year : year, month - 1, day, hour, minute, seconds) - second
  }
}
