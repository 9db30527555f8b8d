import { compile } from '#engine/compile'
import { KappaError } from '#engine/errors'
import { FIRST_GENERATION, type GenerationRecord, inForceDeployment } from '#engine/replay'
import type { Deployment } from '#engine/runtime'
import type { Platform } from './platform.ts'
import { type Processor, processors } from './processors.ts'
import type { Standing } from './standing.ts'

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

/** The processor as the generation that is in force; its tasks stop, or wait, where a switch says so. */
export async function deploymentInForce(
  processor: Processor,
  platform: Platform,
  standing: Standing,
  started: GenerationRecord | undefined,
): Promise<Deployment> {
  const { plan } = processor
  const deployment = inForceDeployment(await deploymentOf(processor, platform), started, plan.destination)
  return { ...deployment, mayRun: (spec) => standing.expectMayRun(deployment, spec) }
}
