import { type Clock, systemClock } from '#engine/time'
import { marketAt } from './arrivals.ts'
import type { ShopEvent } from './event.ts'
import { BOT_TRAFFIC, type Incident } from './incidents.ts'
import { MARKETS } from './markets.ts'
import { Queue } from './queue.ts'
import { randomOf } from './random.ts'
import { type Shopfront, shopfrontOf } from './shopfront.ts'
import type { Step } from './step.ts'

export interface LiveTraffic {
  /** On average, over all countries and whatever the hour; the hour decides which countries they come from. */
  readonly eventsPerMinute: number
  /** How long, seconds; without it until the signal. */
  readonly durationSeconds?: number
  readonly seed: number
  readonly incidents?: readonly Incident[]
  readonly clock?: Clock
  readonly signal?: AbortSignal
}

const TICK_MS = 100
/** So long before the start the first visits begin: the shop is open already when we look. */
const WARM_UP_MS = 900_000
const SAMPLE = 20_000

/** Batches of events as they happen, with the current time as event time; an empty batch where nothing happened in a while. */
export async function* liveShopEvents(options: LiveTraffic): AsyncGenerator<readonly ShopEvent[]> {
  const { eventsPerMinute, durationSeconds, seed, incidents = [], clock = systemClock, signal } = options
  const shopfront = shopfrontOf(seed, incidents)
  const start = clock.now()
  const end = durationSeconds === undefined ? Number.POSITIVE_INFINITY : start + durationSeconds * 1_000
  const visits = visitsFrom(shopfront, start - WARM_UP_MS, eventsPerMinute / 60_000 / meanSteps(shopfront), seed)
  const bots = botsFrom(shopfront, start, eventsPerMinute / 60_000, seed, incidents)
  const coming = new Queue<Step>()
  for (let now = start; now < end && !signal?.aborted; now = clock.now()) {
    const until = Math.min(now, end - 1)
    for (const visit of [visits, bots]) visit(until, (step) => step.at >= start && coming.add(step.at, step))
    yield [...coming.take(until)].map((step) => step.event())
    await clock.sleep(TICK_MS, signal)
  }
}

/** Adds the steps of every visit that begins at or before `until`, since the last call. */
type Visits = (until: number, add: (step: Step) => void) => void

/** @param rate visits a millisecond in ordinary times */
function visitsFrom(shopfront: Shopfront, start: number, rate: number, seed: number): Visits {
  const random = randomOf(seed, 'live', start)
  const name = start.toString(36)
  let number = 0
  let next = start
  return (until, add) => {
    while (next <= until) {
      const at = Math.floor(next)
      const { traffic } = shopfront.conditions(at)
      next += random.exponential(1 / (rate * traffic))
      const id = `${name}-${(number++).toString(36)}-${seed.toString(36)}`
      for (const step of shopfront.visit(marketAt(at, random), at, id)) add(step)
    }
  }
}

function botsFrom(
  shopfront: Shopfront,
  start: number,
  eventRate: number,
  seed: number,
  incidents: readonly Incident[],
): Visits {
  const random = randomOf(seed, 'live bots', start)
  const bursts = incidents.filter(({ kind }) => kind === 'bot-burst')
  let number = 0
  let next = start
  return (until, add) => {
    while (next <= until) {
      const at = Math.floor(next)
      next += random.exponential(2 / (eventRate * BOT_TRAFFIC))
      if (!bursts.some((burst) => at >= burst.start && at < burst.end)) continue
      const id = `bot-${start.toString(36)}-${(number++).toString(36)}-${seed.toString(36)}`
      for (const step of shopfront.bot(random.pick(MARKETS), at, id)) add(step)
    }
  }
}

/** Steps of an ordinary visit, from a sample. */
function meanSteps(shopfront: Shopfront): number {
  const random = randomOf('sample')
  let steps = 0
  for (let i = 0; i < SAMPLE; i++) steps += shopfront.visit(random.pick(MARKETS), 0, `sample-${i}`).length
  return steps / SAMPLE
}
