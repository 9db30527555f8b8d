import { type Deployment, generationTopic } from '#engine/runtime'
import type { Registry } from '#engine/schema'
import { tallyStages } from '#engine/testing'

export const SOURCE = 'killed.events.v1'
export const RESULT = 'killed.tallies.v1'

/** A two-stage tally; generations beside the first write to topics of their own. */
export const killedDeployment = (app: string, generation: number): Deployment => ({
  app,
  processor: 'killed',
  generation,
  stages: tallyStages({
    name: 'killed',
    source: SOURCE,
    result: RESULT,
    sizeMs: 60_000,
    graceMs: 5_000,
    rekey: true,
  }),
  results: [RESULT],
  schemaIds: new Map(),
  registry: {} as Registry,
  ...(generation === 1 ? {} : { topicOf: (contract: string) => generationTopic(contract, generation) }),
})
