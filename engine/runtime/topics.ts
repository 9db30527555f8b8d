import type { Broker } from '#engine/broker'
import type { StageSpec } from '#engine/compile'
import { KappaError } from '#engine/errors'
import { type Deployment, internalTopics, names } from './deployment.ts'

/**
 * The partition count of a deployment's sources. Throws CONFIG_INVALID where a topic is missing, PLAN_INVALID where sources
 * that are read together have different counts: equal keys would not meet.
 */
export async function partitionsOf(broker: Broker, of: Deployment): Promise<number> {
  const there = await broker.admin.topics()
  const sources = of.stages.flatMap((stage) =>
    stage.inputs.filter(({ role }) => role !== 'repartition').map(({ topic }) => topic),
  )
  const dealt = of.stages.flatMap(dealtTopics)
  const results = of.results.map((contract) => names.result(of, contract))
  const missing = [...sources, ...results].filter((topic) => !there.has(topic))
  if (missing.length > 0)
    throw new KappaError(
      'CONFIG_INVALID',
      `running ${of.processor}: ${missing.join(', ')} not in Kafka (kappa schemas register)`,
    )
  for (const stage of of.stages) expectEqual(of, stage, there)
  return Math.max(...dealt.map((topic) => there.get(topic) ?? 0))
}

/** Creates what is missing of the deployment's own topics. */
export async function ensureInternal(broker: Broker, of: Deployment, partitions: number): Promise<void> {
  await broker.admin.ensure(internalTopics(of, partitions))
}

/** Sources of which a task reads the partition of its own number. */
const dealtTopics = ({ inputs }: StageSpec): string[] =>
  inputs.filter(({ role }) => role === 'stream' || role === 'table').map(({ topic }) => topic)

function expectEqual(of: Deployment, stage: StageSpec, there: ReadonlyMap<string, number>): void {
  const topics = dealtTopics(stage)
  const counts = topics.map((topic) => `${topic} has ${there.get(topic)}`)
  if (new Set(topics.map((topic) => there.get(topic))).size > 1)
    throw new KappaError(
      'PLAN_INVALID',
      `running ${of.processor}: ${counts.join(', ')} partitions; they are read together`,
    )
}
