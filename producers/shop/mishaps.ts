import type { AnyTopic } from '#engine/schema'
import type { ShopEvent } from './event.ts'
import { Queue } from './queue.ts'
import { type Random, randomOf } from './random.ts'

/** Shares of all events, from 0 to 1. */
export interface MishapRatios {
  /** Sent 2 to 20 minutes after they happened. */
  readonly late: number
  /** Spoilt so that they break a rule or fit no schema: they go to the dead-letter topic. */
  readonly broken: number
  /** Sent twice, the second time up to a minute later. */
  readonly duplicates: number
}

/** An event as it is sent: its value may be spoilt. */
export interface Sent {
  readonly topic: AnyTopic
  readonly value: unknown
}

/** What goes wrong between the shop and Kafka. The same seed spoils the same events. */
export class Mishaps {
  private readonly waiting = new Queue<Sent>()
  private readonly random: Random
  private readonly ratios: MishapRatios

  constructor(seed: number, ratios: MishapRatios) {
    this.random = randomOf(seed, 'mishaps')
    this.ratios = ratios
  }

  /** Takes an event that happens now; gives what is sent now, in order. */
  *send({ topic, value }: ShopEvent): Generator<Sent> {
    const { random, ratios } = this
    const now = value.occurredAt
    yield* this.waiting.take(now)
    const sent: Sent = random.chance(ratios.broken) ? { topic, value: spoilt(value, random) } : { topic, value }
    const delay = random.chance(ratios.late) ? 120_000 + random.integer(18 * 60_000) : 0
    if (delay === 0) yield sent
    else this.waiting.add(now + delay, sent)
    if (random.chance(ratios.duplicates)) this.waiting.add(now + delay + 1 + random.integer(60_000), sent)
  }

  /** What is due by now although nothing happens. */
  due(now: number): Generator<Sent> {
    return this.waiting.take(now)
  }

  /** Everything that still waits: nothing is ever kept back at the end. */
  rest(): Generator<Sent> {
    return this.waiting.take(Number.POSITIVE_INFINITY)
  }
}

/** Breaks a rule (an empty id, a country that is none) or the schema (a time in words, a field that is missing). */
function spoilt(value: ShopEvent['value'], random: Random): unknown {
  const { country, ...withoutCountry } = value
  return random.pick([
    { ...value, eventId: '' },
    { ...value, country: country.toLowerCase() },
    { ...value, occurredAt: new Date(value.occurredAt).toISOString() },
    withoutCountry,
  ])
}
