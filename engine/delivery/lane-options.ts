import type { Broker } from '#engine/broker'
import type { AnyTopic, Registry } from '#engine/schema'
import type { Clock } from '#engine/time'
import type { CutLimits } from './batch.ts'
import type { Breaker } from './breaker.ts'
import type { Archive, Destination } from './contract.ts'
import type { CutLog } from './cut-log.ts'
import type { MemoryBudget } from './memory-budget.ts'

/**
 * Points at which a test stops a lane: after 1 taking over · after 2 reading back · before 3 · after 3 (3.5: the store has
 * the cut, nobody knows) · within 4 (everything sent, not committed) · after 4 (4.5: committed, not acted upon).
 */
export type LaneStep = 1 | 2 | 3 | 3.5 | 4 | 4.5

/** What a lane tells its owner; each once per change, so that it can be logged as it comes. */
export type LaneEvent =
  | { readonly kind: 'waiting'; readonly reason: string }
  | { readonly kind: 'resumed' }
  /** An alarm: what is undone may be lost (overdue.ts). */
  | { readonly kind: 'overdue'; readonly reason: string }
  | { readonly kind: 'fenced' }
  | { readonly kind: 'held'; readonly by: string }
  | { readonly kind: 'moved'; readonly generation: number }
  | { readonly kind: 'stopped'; readonly reason: string }

export interface LaneOptions {
  /** Prefix of transactional ids, so that several installations share a cluster. */
  readonly app: string
  readonly topic: AnyTopic
  /** The Kafka topic read: the contract's name, or a replay's `<name>.g<generation>`. */
  readonly source: string
  readonly lane: number
  /** Partition `p` belongs to lane `p mod lanes`. */
  readonly lanes: number
  /** Where the lane begins; a lane that was moved goes on as the generation it was moved to. */
  readonly generation: number
  readonly limits: CutLimits
  /** A bounded lane ends at these offsets (exclusive, by partition); absent: it follows the topic for ever. */
  readonly until?: ReadonlyMap<number, number>
  readonly broker: Broker
  readonly registry: Registry
  readonly destination: Destination
  readonly log: CutLog
  /** Read where Kafka no longer has an undone cut. */
  readonly archive?: Archive
  readonly clock: Clock
  /** Shared by the lanes of a process that write to one store; by default a lane has its own, and tells of it by itself. */
  readonly breaker?: Breaker
  /** Shared by the lanes of a process; absent: a lane holds two cuts at most. */
  readonly budget?: MemoryBudget
  readonly notify?: (event: LaneEvent) => void
  /** Fault injection: throws, or never returns. */
  readonly atStep?: (step: LaneStep) => void | Promise<void>
}

/** The lane's transactional id: whoever initialises it next fences everyone before. */
export const laneProducerId = (app: string, sink: string, generation: number, source: string, lane: number): string =>
  `${app}-${sink}-g${generation}-${source}-${lane}`
