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
/** Groups that do not report and are asked by one look whether they do now: most processors do not run beside a replay. */
const ASLEEP_AT_ONCE = 16

/** A group and one topic that it reads. */
interface Reading extends Pick<LiveGroup, 'name' | 'group'> {
  readonly topic: string
  /** When it is asked again, where it does not report. */
  dueAt: number
  reports: boolean
}

/**
 * How many seconds live groups are behind, from their reported positions and the ends of what they read alone: a record is
 * as old as the first answer that told of it. So a backlog from before the first look counts from then on, and an answer
 * that is slow to come makes nothing older than it is.
 *
 * Ends are asked for what somebody reads at present, a request a partition: asked of every topic there is, they would keep
 * a busy broker from serving what is live.
 */
export class LiveLag {
  private readonly broker: Broker
  private readonly clock: Clock
  private readonly readings: readonly Reading[]
  private readonly samples = new Map<string, Sample[]>()
  private readonly moved = new Map<string, { readonly position: number; readonly at: number }>()

  constructor(options: { readonly broker: Broker; readonly clock: Clock; readonly groups: readonly LiveGroup[] }) {
    this.broker = options.broker
    this.clock = options.clock
    this.readings = options.groups.flatMap(({ name, group, topics }) =>
      topics.map((topic) => ({ name, group, topic, dueAt: 0, reports: false })),
    )
  }

  async look(): Promise<Lag> {
    const now = this.clock.now()
    const due = this.readings.filter(({ reports, dueAt }) => !reports && dueAt <= now)
    const probed = due.sort((a, b) => a.dueAt - b.dueAt).slice(0, ASLEEP_AT_ONCE)
    await Promise.all(probed.map((one) => this.positionsOf(one)))
    const awake = this.readings.filter(({ reports }) => reports)
    await Promise.all([...new Set(awake.map(({ topic }) => topic))].map((topic) => this.sample(topic)))
    const lags = await Promise.all(awake.map((one) => this.lagOf(one)))
    return lags.reduce<Lag>((worst, lag) => (lag.seconds > worst.seconds ? lag : worst), {
      seconds: 0,
      name: undefined,
    })
  }

  /** Remembers when each end was first told of. */
  private async sample(topic: string): Promise<void> {
    const ends = await this.broker.admin.committedEnds(topic).catch(away([]))
    const at = this.clock.now()
    for (const [partition, end] of ends.entries()) {
      const place = `${topic}[${partition}]`
      const own = this.samples.get(place) ?? []
      if (own.at(-1)?.end !== end) own.push({ end, at })
      if (own.length > MOST_SAMPLES) own.shift()
      this.samples.set(place, own)
    }
  }

  private async positionsOf(reading: Reading): Promise<readonly number[]> {
    const { group, topic } = reading
    const positions = await this.broker.admin.groupPositions(group, topic).catch(away([]))
    reading.reports = positions.some((position) => position >= 0)
    reading.dueAt = this.clock.now() + STILL_MS
    return positions
  }

  /** As of the question: the answer's positions are no older. */
  private async lagOf(reading: Reading): Promise<Lag> {
    const { name, group, topic } = reading
    const asked = this.clock.now()
    let oldest = asked
    for (const [partition, position] of (await this.positionsOf(reading)).entries()) {
      if (position < 0) continue
      const own = this.samples.get(`${topic}[${partition}]`) ?? []
      const key = `${group}|${topic}|${partition}`
      const before = this.moved.get(key)
      if (before?.position !== position) this.moved.set(key, { position, at: asked })
      const waiting = own.find(({ end }) => end > position)
      if (waiting === undefined || asked - (this.moved.get(key)?.at ?? asked) > STILL_MS) continue
      oldest = Math.min(oldest, waiting.at)
    }
    return { seconds: (asked - oldest) / 1_000, name }
  }
}

/** A broker that is away for a moment, or a topic that is not there, tells nothing. */
const away =
  <T>(value: T) =>
  (thrown: unknown): T => {
    if (thrown instanceof KappaError) return value
    throw thrown
  }
