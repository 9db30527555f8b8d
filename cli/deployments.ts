import { compile } from '#engine/compile'
import { KappaError } from '#engine/errors'
import type { Deployment } from '#engine/runtime'
import { type Processor, processors } from '../processors/index.ts'
import type { Platform } from './platform.ts'

/** The generation that is live before anything was promoted. */
export const FIRST_GENERATION = 1

/** The processor of this name. Throws CONFIG_INVALID telling those there are. */
export function processorNamed(name: string): Processor {
  const found = processors.find(({ plan }) => plan.name === name)
  if (found !== undefined) return found
  const known = processors.map(({ plan }) => plan.name).join(', ')
  throw new KappaError('CONFIG_INVALID', `looking for the processor '${name}': there are ${known}`)
}

/** Compiles a processor for one generation, with the schema id of what it writes and the vault where it masks. */
export async function deploymentOf(
  { plan }: Processor,
  platform: Platform,
  generation = FIRST_GENERATION,
): Promise<Deployment> {
  const { app, registry } = platform
  const result = plan.destination
  const masks = plan.inputs.some(({ steps }) => steps.some(({ kind }) => kind === 'mask'))
  return {
    app,
    processor: plan.name,
    generation,
    stages: compile(plan),
    results: [result.name],
    schemaIds: new Map([[result.name, await registry.idOf(result)]]),
    registry,
    ...(masks ? { vault: platform.vault } : {}),
  }
}
