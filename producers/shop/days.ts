import { KappaError } from '#engine/errors'
import { DAY_MS } from '../calendar.ts'
import { arrivalsOf } from './arrivals.ts'
import type { ShopEvent } from './event.ts'
import { BOT_TRAFFIC, type Incident } from './incidents.ts'
import { randomOf } from './random.ts'
import { type Shopfront, shopfrontOf } from './shopfront.ts'
import type { Step } from './step.ts'

export interface ShopDays {
  /** First instant of the first UTC day, milliseconds. */
  readonly start: number
  readonly days: number
  /** Events of a UTC day: exactly so many. Incidents add to them or take away from them. */
  readonly eventsPerDay: number
  /** A whole number. */
  readonly seed: number
  readonly incidents?: readonly Incident[]
}

/** A day is sorted in memory: about 100 bytes an event. */
export const MOST_EVENTS_PER_DAY = 5_000_000

/**
 * The shop's events, in the order of event time: sessions walking down the funnel, busy by each country's own clock. The
 * same options give the same events, byte for byte, on every machine (before sealing, whose nonces are random).
 *
 * Each UTC day has exactly `eventsPerDay` events. Visits that last past midnight go on in the next day and count there;
 * the last visits of a day are cut short to make the number fit. Throws CONFIG_INVALID for options that cannot be.
 */
export function* generateShopEvents(options: ShopDays): Generator<ShopEvent> {
  check(options)
  const shopfront = shopfrontOf(options.seed, options.incidents ?? [])
  let carried: readonly Entry[] = []
  for (let day = 0; day < options.days; day++) {
    const { today, tomorrow } = dayOf(options, shopfront, options.start + day * DAY_MS, carried)
    for (const { step } of today) yield step.event()
    carried = tomorrow
  }
}

/** A step with its place among steps of the same millisecond: that of its session, which keeps its own steps in order. */
interface Entry {
  readonly step: Step
  readonly session: number
}

function dayOf(options: ShopDays, shopfront: Shopfront, start: number, carried: readonly Entry[]) {
  const end = start + DAY_MS
  const name = Math.round(start / DAY_MS).toString(36)
  const random = randomOf(options.seed, 'arrivals', start)
  const arrive = arrivalsOf(start)
  const today: Entry[] = carried.filter(({ step }) => step.at < end).slice(0, options.eventsPerDay)
  const tomorrow: Entry[] = carried.filter(({ step }) => step.at >= end)
  const extras = randomOf(options.seed, 'extras', start)
  let session = 0
  const add = (steps: readonly Step[], most = Number.POSITIVE_INFINITY): number => {
    session++
    const kept = steps.length > most ? steps.slice(0, most) : steps
    let now = 0
    for (const step of kept) {
      if (step.at < end) now++
      ;(step.at < end ? today : tomorrow).push({ step, session })
    }
    return now
  }
  for (let left = options.eventsPerDay - today.length, i = 0; left > 0; i++) {
    const { market, at } = arrive(random)
    const id = `${name}-${i.toString(36)}-${options.seed.toString(36)}`
    const { traffic } = shopfront.conditions(at)
    const steps = shopfront.visit(market, at, id)
    if (traffic < 1 && !extras.chance(traffic)) {
      left -= steps.filter((step) => step.at < end).length
      continue
    }
    left -= add(steps, left)
    if (traffic > 1 && extras.chance(traffic - 1)) add(shopfront.visit(market, at + extras.integer(60_000), `${id}x`))
  }
  addBots(options, shopfront, start, name, (steps) => add(steps))
  return { today: today.sort(inOrder), tomorrow }
}

const inOrder = (a: Entry, b: Entry): number => a.step.at - b.step.at || a.session - b.session

/** Bots come at an even pace, in sessions of two events. */
function addBots(
  { seed, incidents = [], eventsPerDay }: ShopDays,
  shopfront: Shopfront,
  start: number,
  name: string,
  add: (steps: readonly Step[]) => void,
): void {
  const pause = DAY_MS / ((BOT_TRAFFIC * eventsPerDay) / 2)
  for (const [i, incident] of incidents.entries()) {
    if (incident.kind !== 'bot-burst') continue
    const arrive = arrivalsOf(start)
    const random = randomOf(seed, 'bots', start, i)
    const until = Math.min(incident.end, start + DAY_MS)
    let number = 0
    for (let at = Math.max(incident.start, start); at < until; at += random.exponential(pause)) {
      const id = `bot-${name}-${i}-${(number++).toString(36)}-${seed.toString(36)}`
      add(shopfront.bot(arrive(random).market, Math.floor(at), id))
    }
  }
}

function check({ start, days, eventsPerDay, seed }: ShopDays): void {
  const refuse = (what: string): never => {
    throw new KappaError('CONFIG_INVALID', `generating shop events: ${what}`)
  }
  if (!Number.isInteger(start / DAY_MS)) refuse('`start` is no beginning of a UTC day')
  if (!Number.isInteger(days) || days < 1) refuse('`days` is no whole number from 1')
  if (!Number.isInteger(eventsPerDay) || eventsPerDay < 1 || eventsPerDay > MOST_EVENTS_PER_DAY)
    refuse(`\`eventsPerDay\` is no whole number from 1 to ${MOST_EVENTS_PER_DAY}`)
  if (!Number.isSafeInteger(seed) || seed < 0) refuse('`seed` is no whole number from 0')
}
