import { compile } from '#engine/compile'
import { type Deployment, generationTopic } from '#engine/runtime'
import { memoryRegistry } from '#engine/schema'
import type { Made, Topology } from './contract.ts'
import { counts } from './counted.ts'
import { joins } from './joined.ts'
import { plain } from './plain.ts'
import { operators } from './stateful.ts'
import { summaries } from './summarised.ts'
import { tables } from './tables.ts'
import { windows } from './windowed.ts'

export type { Made, Source, Topology } from './contract.ts'

export const topologies: readonly Topology[] = [
  ...windows,
  ...joins,
  ...operators,
  ...counts,
  ...summaries,
  ...plain,
  ...tables,
]

/** A topology as it runs: generations beside the first write to topics of their own. */
export interface Built extends Made {
  readonly topology: Topology
  readonly schemaIds: ReadonlyMap<string, number>
  deployment(generation: number): Deployment
}

/** The same ids in every process: the topics are registered in one order. */
export async function build(topology: Topology, prefix: string): Promise<Built> {
  const processor = `${prefix}-${topology.name.replace(/\W+/g, '-')}`
  const made = topology.make(prefix, processor)
  const registry = memoryRegistry()
  const schemaIds = new Map<string, number>()
  const topics = [...made.sources.map(({ topic }) => topic), made.plan.destination]
  for (const topic of topics) schemaIds.set(topic.name, await registry.register(topic))
  const stages = compile(made.plan)
  return {
    ...made,
    topology,
    schemaIds,
    deployment: (generation) => ({
      app: 'crash',
      processor,
      generation,
      stages,
      results: [made.plan.destination.name],
      schemaIds,
      registry,
      ...(generation === 1 ? {} : { topicOf: (contract: string) => generationTopic(contract, generation) }),
    }),
  }
}
