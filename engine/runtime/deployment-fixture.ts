import type { Registry } from '#engine/schema'
import { type Tally, tallyStages } from '#engine/testing'
import type { Deployment } from './deployment.ts'

/** A registry that nobody may ask: stages written by hand decode for themselves. */
const noRegistry: Registry = new Proxy({} as Registry, {
  get: (_, name) => () => {
    throw new Error(`the registry was asked for ${String(name)}`)
  },
})

export const tally = (change: Partial<Tally> = {}): Tally => ({
  name: 'tally',
  source: 'test.events.v1',
  result: 'test.tallies.v1',
  sizeMs: 60_000,
  graceMs: 10_000,
  ...change,
})

/** A hand-written tally as a processor that runs. */
export const tallyDeployment = (of: Tally, generation = 1): Deployment => ({
  app: 'test',
  processor: of.name,
  generation,
  stages: tallyStages(of),
  results: [of.result],
  schemaIds: new Map(),
  registry: noRegistry,
})
