import type { Broker } from '#engine/broker'
import {
  type CutLimits,
  type CutLog,
  type Destination,
  deliverUntil,
  type LaneOptions,
  type LaneRecord,
  releaseLane,
} from '#engine/delivery'
import type { AnyTopic, Registry } from '#engine/schema'
import type { Clock } from '#engine/time'
import type { GenerationRecord } from './generations.ts'
import { FIRST_GENERATION } from './in-force.ts'

/** The live sink of a result topic, as a switch deals with it. */
export interface LanesOptions {
  readonly app: string
  readonly broker: Broker
  readonly registry: Registry
  readonly destination: Destination
  /** The cut log of `destination`. */
  readonly cuts: CutLog
  /** The result topic. */
  readonly topic: AnyTopic
  readonly clock: Clock
}

/** What is left is brought in few cuts; a lane that is held decides none. */
const LIMITS: CutLimits = { rows: 50_000, bytes: 32 * 1024 * 1024, ageMs: 100 }

export const laneOptions = (options: LanesOptions, lane: number, lanes: number): LaneOptions => ({
  app: options.app,
  topic: options.topic,
  source: options.topic.name,
  lane,
  lanes,
  generation: FIRST_GENERATION,
  limits: LIMITS,
  broker: options.broker,
  registry: options.registry,
  destination: options.destination,
  log: options.cuts,
  clock: options.clock,
})

export const nameOf = ({ processor, generation }: GenerationRecord): string => `${processor} v${generation}`
export const holderOf = ({ processor, generation }: GenerationRecord): string => `replay ${processor} v${generation}`

/** How many lanes the sink has for the live topic; one where it never ran. */
export async function lanesOf({ cuts, topic }: LanesOptions): Promise<number> {
  await cuts.ensure()
  const numbers = (await cuts.all()).filter(({ cut }) => cut.topic === topic.name).map(({ cut }) => cut.lane)
  return Math.max(0, ...numbers) + 1
}

/** Lets lanes go that a switch held and never decided about. */
export async function letGo(options: LanesOptions, started: GenerationRecord): Promise<void> {
  const held = ({ cut, state, heldBy }: LaneRecord): boolean =>
    cut.topic === options.topic.name && state === 'held' && heldBy === holderOf(started)
  for (const record of (await options.cuts.all()).filter(held))
    await releaseLane(laneOptions(options, record.cut.lane, 1), holderOf(started), record)
}

/**
 * Brings everything that stands on the live topic to the live table, where nothing writes to the topic any more: what the
 * generation before published is in its own table, and none of it comes to the next one's.
 */
export async function deliverRest(options: LanesOptions, started: GenerationRecord): Promise<void> {
  const { broker, topic } = options
  const lanes = await lanesOf(options)
  await letGo(options, started)
  const ends = await broker.admin.settledEnds(topic.name)
  for (let lane = 0; lane < lanes; lane++) {
    const until = new Map(ends.flatMap((end, partition) => (partition % lanes === lane ? [[partition, end]] : [])))
    await deliverUntil({ ...laneOptions(options, lane, lanes), until }, new AbortController().signal)
  }
}
