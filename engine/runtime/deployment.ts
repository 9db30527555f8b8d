import type { TopicSpec } from '#engine/broker'
import type { StageInput, StageSpec } from '#engine/compile'
import type { KeyVault } from '#engine/governance'
import type { Registry } from '#engine/schema'

/** A processor as it runs: its compiled stages, under one application's and one generation's names. */
export interface Deployment {
  /** Prefixes consumer groups and transactional ids. */
  readonly app: string
  readonly processor: string
  readonly generation: number
  readonly stages: readonly StageSpec[]
  /** Contract names of the topics it writes results to. */
  readonly results: readonly string[]
  /** Schema ids of the topics written, by contract name. */
  readonly schemaIds: ReadonlyMap<string, number>
  readonly registry: Registry
  /** Needed where a plan masks. */
  readonly vault?: KeyVault
  /** Where results of a contract go: the name itself where absent (the live generation). */
  readonly topicOf?: (contract: string) => string
  /**
   * Asked by every take-over behind the initialisation of its producer: throws where the generation may not run now,
   * retriable where it soon may. Absent: it may.
   */
  readonly mayRun?: (spec: StageSpec) => Promise<void>
}

/** Where a generation that is not live writes: `retail.revenue-per-day.v1.g2`. */
export const generationTopic = (contract: string, generation: number): string => `${contract}.g${generation}`

/** What names are made from. */
export type Named = Pick<Deployment, 'app' | 'processor' | 'generation' | 'topicOf'>

const prefixOf = ({ processor, generation }: Named): string => `${processor}-g${generation}`
const shortName = ({ processor }: Named, stage: string): string =>
  stage.startsWith(`${processor}.`) ? stage.slice(processor.length + 1) : stage

/** The names of everything a deployment owns in Kafka. */
export const names = {
  changelog: (of: Named, stage: string) => `${prefixOf(of)}.${shortName(of, stage)}.changelog`,
  repartition: (of: Named, stage: string) => `${prefixOf(of)}.${shortName(of, stage)}.repartition`,
  time: (of: Named) => `${prefixOf(of)}.time`,
  late: (of: Named) => `${prefixOf(of)}.late`,
  deadLetter: (of: Named) => `${prefixOf(of)}.dead-letter`,
  group: (of: Named, stage: string) => `${of.app}-${prefixOf(of)}-${shortName(of, stage)}`,
  transaction: (of: Named, stage: string, partition: number) =>
    `${of.app}-${prefixOf(of)}-${shortName(of, stage)}-${partition}`,
  result: (of: Named, contract: string) => of.topicOf?.(contract) ?? contract,
  input: (of: Named, input: StageInput) =>
    input.role === 'repartition' ? names.repartition(of, input.topic) : input.topic,
} as const

/** Internal topics are trimmed by Kappa alone: what a changelog or a time record says is needed until nobody replays it. */
const internal = { 'cleanup.policy': 'delete', 'retention.ms': '-1', 'compression.type': 'producer' }

/** The internal topics of a deployment over `partitions` source partitions. */
export function internalTopics(of: Deployment, partitions: number): TopicSpec[] {
  const named = [names.time(of), names.late(of), names.deadLetter(of)]
  for (const stage of of.stages) {
    named.push(names.changelog(of, stage.name))
    if (stage.next !== undefined) named.push(names.repartition(of, stage.next))
  }
  return named.map((name) => ({ name, partitions, settings: internal }))
}
