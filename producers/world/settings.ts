import { KappaError } from '#engine/errors'
import { DAY_MS } from '../calendar.ts'
import type { Incident } from '../shop/incidents.ts'

export const HOUR_MS = 3_600_000
export const YEAR_MS = 365.25 * DAY_MS

/** What a world is made of: the same settings are the same world, event for event, on every machine. */
export interface WorldSettings {
  /** Which of all possible worlds: a whole number. */
  readonly seed: number
  /** The world's first instant, the beginning of a UTC day, milliseconds. Nothing happens before. */
  readonly start: number
  /** Events of all domains on an ordinary day at the start, about; season, growth and promotions move it. */
  readonly eventsPerDay: number
  /** Customers who are registered at the start. */
  readonly initialCustomers: number
  /**
   * How often reports come: spend and stock levels each hour or day, weather each hour. Minutely: as hourly, and every five
   * minutes each airport's weather and each influencer's followers, one after the other.
   */
  readonly frequency: Frequency
  readonly incidents: readonly Incident[]
}

export type Frequency = 'minutely' | 'hourly' | 'daily'

/** Days are made hour by hour; orders of three weeks are held: about 300 bytes an order. */
export const MOST_EVENTS_PER_DAY = 20_000_000
export const MOST_CUSTOMERS = 5_000_000

/** Throws CONFIG_INVALID for settings that cannot be. */
export function checkSettings({ seed, start, eventsPerDay, initialCustomers }: WorldSettings): void {
  const refuse = (what: string): never => {
    throw new KappaError('CONFIG_INVALID', `making a world: ${what}`)
  }
  if (!Number.isSafeInteger(seed) || seed < 0) refuse('`seed` is no whole number from 0')
  if (!Number.isInteger(start / DAY_MS)) refuse('`start` is no beginning of a UTC day')
  if (!Number.isInteger(eventsPerDay) || eventsPerDay < 100 || eventsPerDay > MOST_EVENTS_PER_DAY)
    refuse(`\`eventsPerDay\` is no whole number from 100 to ${MOST_EVENTS_PER_DAY}`)
  if (!Number.isInteger(initialCustomers) || initialCustomers < 100 || initialCustomers > MOST_CUSTOMERS)
    refuse(`\`initialCustomers\` is no whole number from 100 to ${MOST_CUSTOMERS}`)
}
