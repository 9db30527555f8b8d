import { CutLog, doneUpTo, type LaneRecord, recordsBetween } from '#engine/delivery'
import { KappaError } from '#engine/errors'
import { inForceOf } from '#engine/replay'
import { names, settled } from '#engine/runtime'
import { tableOf } from '#engine/schema'
import { systemClock } from '#engine/time'
import { settlingMs } from '#engine/topology'
import { type Route, routes } from '../../../sinks/index.ts'
import { deploymentOf } from '../../deployments.ts'
import type { Platform } from '../../platform.ts'
import { type Processor, processors } from '../../processors.ts'
import { Standing } from '../../standing.ts'
import { type Money, moneyOf } from './money.ts'

/** How complete a table of ClickHouse is. */
export interface Completeness {
  /** As analysts name it: `retail.revenue_per_day`. */
  readonly table: string
  readonly topic: string
  /** Whose results these are; null for facts that came from outside. */
  readonly processor: string | null
  /**
   * Event time, milliseconds. Of results: rows of windows that end by then are there and change no more. Of facts: every
   * partition has come so far. Null where nothing can be said, or where rows are still on their way.
   */
  readonly completeUntil: number | null
  /** Offsets of the processor's sources that it has not taken yet. */
  readonly behind: number
  /** Records of the topic that are not in the table yet. */
  readonly onTheWay: number
  /** Events that came too late to count: on the processor's late topic. */
  readonly late: number
  /** Events that were no events: on the processor's dead-letter topic. */
  readonly rejected: number
}

/** What completeness is read from; one for many questions. */
export class Sight {
  readonly #platform: Platform
  readonly #standing: Standing
  readonly #cuts: CutLog

  constructor(platform: Platform) {
    this.#platform = platform
    this.#standing = new Standing(platform)
    this.#cuts = new CutLog({ sink: 'clickhouse', broker: platform.broker, clock: systemClock })
  }

  async of(route: Route): Promise<Completeness> {
    const { broker } = this.#platform
    const { topic } = route
    const { database, name } = tableOf(topic)
    const own = { table: `${database}.${name}`, topic: topic.name }
    const processor = processors.find(({ plan }) => plan.destination.name === topic.name)
    // First what is settled, then what has arrived: so nothing that was settled may be missing.
    const made = processor && (await this.#made(processor))
    const ends = await broker.admin.committedEnds(topic.name)
    const all = await this.#cuts.all()
    const lanes = all.filter(({ cut, state }) => cut.topic === topic.name && state !== 'moved')
    const onTheWay = await this.#countTo(topic.name, Object.assign({}, ...lanes.map(doneUpTo)), ends)
    const until = onTheWay > 0 ? undefined : made === undefined ? leastTime(lanes) : made.until
    return {
      ...own,
      processor: processor?.plan.name ?? null,
      completeUntil: until ?? null,
      behind: made?.behind ?? 0,
      onTheWay,
      late: made?.late ?? 0,
      rejected: made?.rejected ?? 0,
    }
  }

  /** What is not in the figures of a table of results; undefined for facts from outside. Reads every event that it counts. */
  async moneyOf({ topic }: Route): Promise<Money | undefined> {
    const processor = processors.find(({ plan }) => plan.destination.name === topic.name)
    if (processor === undefined) return undefined
    const { generation } = inForceOf(await this.#standing.records(), processor.plan.name)
    const { broker } = this.#platform
    return await moneyOf(processor, await deploymentOf(processor, this.#platform, generation), broker)
  }

  close(): Promise<void> {
    return this.#cuts.close()
  }

  async #made(processor: Processor) {
    const { generation } = inForceOf(await this.#standing.records(), processor.plan.name)
    const deployment = await deploymentOf(processor, this.#platform, generation)
    const known = await this.#platform.broker.admin.topics()
    if (!deployment.stages.every(({ name }) => known.has(names.changelog(deployment, name)))) return undefined
    const { until, behind } = await settled(this.#platform.broker, deployment, settlingMs(processor.plan))
    const [late, rejected] = await Promise.all(
      [names.late(deployment), names.deadLetter(deployment)].map((at) => this.#count(at)),
    )
    return { until, behind, late: late ?? 0, rejected: rejected ?? 0 }
  }

  async #count(topic: string): Promise<number> {
    const { admin } = this.#platform.broker
    if (!(await admin.topics()).has(topic)) return 0
    return await this.#countTo(topic, await admin.beginnings(topic), await admin.committedEnds(topic))
  }

  async #countTo(topic: string, from: Readonly<Record<number, number>>, ends: readonly number[]): Promise<number> {
    const beginnings = await this.#platform.broker.admin.beginnings(topic)
    const first = new Map(
      ends.map((_, partition) => [partition, Math.max(from[partition] ?? 0, beginnings[partition] ?? 0)]),
    )
    let count = 0
    for await (const records of recordsBetween(this.#platform.broker, topic, first, new Map(ends.entries())))
      count += records.length
    return count
  }
}

/** Of the partitions that ever had an event. */
function leastTime(lanes: readonly LaneRecord[]): number | undefined {
  const times = lanes.flatMap(({ state, streamTime, cut }) =>
    Object.values(state === 'decided' ? cut.streamTimeBefore : streamTime),
  )
  return times.length === 0 ? undefined : Math.min(...times)
}

/** The route of a table, by its name (also that of its view of latest rows) or its topic. Throws CONFIG_INVALID. */
export function routeNamed(text: string): Route {
  const found = routes.find(({ topic, clickhouse }) => {
    const { database, name } = tableOf(topic)
    return clickhouse && [topic.name, `${database}.${name}`, `${database}.${name}_latest`].includes(text)
  })
  if (found !== undefined) return found
  throw new KappaError('CONFIG_INVALID', `looking for the table '${text}': kappa complete lists those there are`)
}
