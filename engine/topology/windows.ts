import { KappaError } from '#engine/errors'
import { type Duration, milliseconds } from '#engine/time'

/** Windows of a fixed size; `advanceMs` equal to the size is tumbling, smaller is hopping. `[start, end)`, from 1970 UTC on. */
export interface FixedWindow {
  readonly kind: 'tumbling' | 'hopping'
  readonly sizeMs: number
  readonly advanceMs: number
  readonly graceMs: number
}

/**
 * Local hours, days, ISO weeks (from Monday), months or years of a named time zone: 23, 24 or 25 hours a day where clocks
 * change, and an hour that is repeated is two windows.
 */
export interface CalendarWindow {
  readonly kind: 'calendar'
  readonly unit: CalendarUnit
  /** IANA name, e.g. `America/New_York`. */
  readonly timeZone: string
  readonly graceMs: number
}

export type CalendarUnit = 'hour' | 'day' | 'week' | 'month' | 'year'

/**
 * Events of a key that are at most `gapMs` apart from the next one: `[first event, last event]`. Exactly one gap apart is
 * one session, as in Kafka Streams' SessionWindows. An event between two sessions makes them one.
 */
export interface SessionWindow {
  readonly kind: 'session'
  readonly gapMs: number
  readonly graceMs: number
}

/**
 * Windows of one size that start wherever their content changes, both ends included (Kafka Streams' SlidingWindows,
 * KIP-450): of each event the window that ends with it and, where it holds an event, the one that starts 1 ms after it.
 * Starts before 1970 are moved to 1970.
 */
export interface SlidingWindow {
  readonly kind: 'sliding'
  readonly sizeMs: number
  readonly graceMs: number
}

/** Every `size` events of a key, in the order in which they are taken. Their rows have a `windowNumber`, from 0 on. */
export interface CountWindow {
  readonly kind: 'count'
  readonly size: number
  /** Behind a re-key: how long events are held, so that they are counted in the order of event time. */
  readonly graceMs?: number
}

/** Windows whose bounds are known before any event. */
export type FramedWindow = FixedWindow | CalendarWindow
/** Windows that time closes. */
export type TimeWindow = FramedWindow | SessionWindow | SlidingWindow
export type Window = TimeWindow | CountWindow

const positive = (what: string, duration: Duration): number => {
  const length = milliseconds(duration)
  if (length <= 0 || !Number.isInteger(length))
    throw new KappaError('PLAN_INVALID', `making a window whose ${what} is ${duration}`)
  return length
}

/** Windows that touch and do not overlap. Grace is how much later than stream time an event may be: no default. */
export function tumbling(options: { readonly size: Duration; readonly grace: Duration }): FixedWindow {
  const sizeMs = positive('size', options.size)
  return { kind: 'tumbling', sizeMs, advanceMs: sizeMs, graceMs: milliseconds(options.grace) }
}

/** Windows of `size`, one starting at every `advance`: an event belongs to size / advance of them. */
export function hopping(options: {
  readonly size: Duration
  readonly advance: Duration
  readonly grace: Duration
}): FixedWindow {
  const sizeMs = positive('size', options.size)
  const advanceMs = positive('advance', options.advance)
  if (advanceMs > sizeMs)
    throw new KappaError('PLAN_INVALID', 'making a hopping window whose advance is longer than its size')
  return { kind: 'hopping', sizeMs, advanceMs, graceMs: milliseconds(options.grace) }
}

/** Sessions that end when a key is silent for longer than `gap`. Grace as for other windows: counted from the end of the gap. */
export function session(options: { readonly gap: Duration; readonly grace: Duration }): SessionWindow {
  return { kind: 'session', gapMs: positive('gap', options.gap), graceMs: milliseconds(options.grace) }
}

/** Every different set of events that lie within `size` of each other. */
export function sliding(options: { readonly size: Duration; readonly grace: Duration }): SlidingWindow {
  return { kind: 'sliding', sizeMs: positive('size', options.size), graceMs: milliseconds(options.grace) }
}

/**
 * Every `size` events of a key. Grouped by something else than the inputs' key, they need a `grace`: how much later than its own partition's
 * stream time an event may be. They are then counted in the order of event time.
 */
export function countWindow(options: { readonly size: number; readonly grace?: Duration }): CountWindow {
  if (!Number.isSafeInteger(options.size) || options.size < 1)
    throw new KappaError('PLAN_INVALID', `making a window of ${options.size} events`)
  const graceMs = options.grace === undefined ? {} : { graceMs: milliseconds(options.grace) }
  return { kind: 'count', size: options.size, ...graceMs }
}

/** Hours, days, weeks, months or years as wall clock and calendar of `timeZone` has them. An unknown zone is refused. */
export function calendar(options: {
  readonly unit: CalendarUnit
  readonly timeZone: string
  readonly grace: Duration
}): CalendarWindow {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: options.timeZone })
  } catch (cause) {
    throw new KappaError('PLAN_INVALID', `making a calendar window in the time zone '${options.timeZone}'`, { cause })
  }
  return {
    kind: 'calendar',
    unit: options.unit,
    timeZone: options.timeZone,
    graceMs: milliseconds(options.grace),
  }
}
