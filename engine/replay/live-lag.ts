import type { Broker } from '#engine/broker'
import { KappaError } from '#engine/errors'
import type { Clock } from '#engine/time'

/** A consumer group that is live, and what it reads. */
export interface LiveGroup {
  /** As people know it: the processor. */
  readonly name: string
  readonly group: string
  readonly topics: readonly string[]
}

/** How far what is live is behind. */
export interface Lag {
  readonly seconds: number
  /** Who is furthest behind; undefined where nobody is. */
  readonly name: string | undefined
}

interface Sample {
  readonly end: number
  readonly at: number
}

/** Positions that did not move for so long, with records waiting: nobody runs the group, and nobody waits for it. */
const STILL_MS = 30_000
/** Of each partition; a lag that is longer than these is told as they are. */
const MOST_SAMPLES = 600

/**
 * How many seconds live groups are behind, from their reported positions and the ends of what they read alone: a record is
 * as old as the first look that saw it. So a backlog from before the first look counts from then on.
 */
export class LiveLag {
  private readonly broker: Broker
  private readonly clock: Clock
  private readonly groups: readonly LiveGroup[]
  private readonly samples = new Map<string, Sample[]>()
  private readonly moved = new Map<string, { readonly position: number; readonly at: number }>()

  /** What never reported is asked again from then on: most processors do not run beside a replay. */
  private readonly asleep = new Map<string, number>()

  constructor(options: { readonly broker: Broker; readonly clock: Clock; readonly groups: readonly LiveGroup[] }) {
    this.broker = options.broker
    this.clock = options.clock
    this.groups = options.groups
  }

  async look(): Promise<Lag> {
    const now = this.clock.now()
    const asked = this.groups.flatMap((of) =>
      of.topics
        .filter((topic) => (this.asleep.get(`${of.group}|${topic}`) ?? 0) <= now)
        .map((topic) => ({ of, topic })),
    )
    await Promise.all([...new Set(asked.map(({ topic }) => topic))].map((topic) => this.sample(topic, now)))
    let worst: Lag = { seconds: 0, name: undefined }
    const lags = await Promise.all(asked.map(({ of, topic }) => this.lagOf(of, topic, now)))
    for (const lag of lags) if (lag.seconds > worst.seconds) worst = lag
    return worst
  }

  /** Remembers when each end was first seen. */
  private async sample(topic: string, now: number): Promise<void> {
    const ends = await this.broker.admin.committedEnds(topic).catch(away([]))
    for (const [partition, end] of ends.entries()) {
      const place = `${topic}[${partition}]`
      const own = this.samples.get(place) ?? []
      if (own.at(-1)?.end !== end) own.push({ end, at: now })
      if (own.length > MOST_SAMPLES) own.shift()
      this.samples.set(place, own)
    }
  }

  private async lagOf({ name, group }: LiveGroup, topic: string, now: number): Promise<Lag> {
    const positions = await this.broker.admin.groupPositions(group, topic).catch(away([]))
    if (!positions.some((position) => position >= 0)) this.asleep.set(`${group}|${topic}`, now + STILL_MS)
    let oldest = now
    for (const [partition, position] of positions.entries()) {
      if (position < 0) continue
      const own = this.samples.get(`${topic}[${partition}]`) ?? []
      const key = `${group}|${topic}|${partition}`
      const before = this.moved.get(key)
      if (before?.position !== position) this.moved.set(key, { position, at: now })
      const waiting = own.find(({ end }) => end > position)
      if (waiting === undefined || now - (this.moved.get(key)?.at ?? now) > STILL_MS) continue
      oldest = Math.min(oldest, waiting.at)
    }
    return { seconds: (now - oldest) / 1_000, name }
  }
}

/** A broker that is away for a moment, or a topic that is not there, tells nothing. */
const away =
  <T>(value: T) =>
  (thrown: unknown): T => {
    if (thrown instanceof KappaError) return value
    throw thrown
  }
