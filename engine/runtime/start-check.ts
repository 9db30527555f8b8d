import { type Broker, type Position, placeOf } from '#engine/broker'
import { KappaError } from '#engine/errors'
import { layoutDifferences, layoutDigest, type StateLayout } from '#engine/topology'
import type { LayoutStamp } from './changelog/changelog.ts'
import { layoutRefusal } from './changelog/layout.ts'
import { readAll } from './changelog/read-all.ts'
import { lastProgress, progressIn, type Tail, tailsOf } from './changelog/tails.ts'
import type { Deployment } from './deployment.ts'
import type { TaskStatus } from './telemetry/status.ts'

/**
 * Deployments whose stored state has another layout than their stages, each with the refusal. Looked at before any task
 * starts, so that a processor that was changed does not run on the partitions that happen to have no state yet. It reads
 * the ends of the changelogs alone; what cannot be read here is judged by the take-over.
 */
export async function changedDeployments(
  broker: Broker,
  deployments: readonly Deployment[],
): Promise<ReadonlyMap<Deployment, KappaError>> {
  const changed = new Map<Deployment, KappaError>()
  try {
    const tails = (await Promise.all(deployments.map((deployment) => laidOut(broker, deployment)))).flat()
    const stamps = await stampsOf(broker, tails)
    for (const { deployment, spec, at } of tails) {
      const stamp = stamps.get(placeOf(at))
      if (changed.has(deployment) || stamp === undefined || spec.layout === undefined) continue
      if (stamp.digest === layoutDigest(spec.layout)) continue
      const stored = stamp.parts ?? (await partsOf(broker, at, stamp.digest))
      changed.set(deployment, layoutRefusal(deployment, spec.name, stored, spec.layout))
    }
  } catch (thrown) {
    if (!(thrown instanceof KappaError)) throw thrown
  }
  return changed
}

/** How a deployment's stages lay their state out otherwise than what its generation stored, in words; empty where they do not. */
export async function layoutChanges(broker: Broker, deployment: Deployment): Promise<readonly string[]> {
  const tails = await laidOut(broker, deployment)
  const stamps = await stampsOf(broker, tails)
  const changes = new Set<string>()
  for (const { spec, at } of tails) {
    const stamp = stamps.get(placeOf(at))
    if (stamp === undefined || spec.layout === undefined || stamp.digest === layoutDigest(spec.layout)) continue
    const stored = stamp.parts ?? (await partsOf(broker, at, stamp.digest))
    const differences = stored === undefined ? ['it was laid out otherwise'] : layoutDifferences(stored, spec.layout)
    for (const difference of differences) changes.add(`${spec.name}: ${difference}`)
  }
  return [...changes]
}

/** Tails of the stages whose state has a layout. */
const laidOut = (broker: Broker, deployment: Deployment): Promise<readonly Tail[]> =>
  tailsOf(
    broker,
    deployment,
    deployment.stages.filter(({ layout }) => layout !== undefined),
  )

/** What the last commit of each changelog partition says of its layout. */
async function stampsOf(broker: Broker, tails: readonly Tail[]): Promise<ReadonlyMap<string, LayoutStamp>> {
  const stamps = new Map<string, LayoutStamp>()
  for (const [place, { layout }] of await lastProgress(broker, tails))
    if (layout !== undefined) stamps.set(place, layout)
  return stamps
}

/** The parts of a layout, told by the first commit of an owner or by a snapshot. */
async function partsOf(broker: Broker, at: Position, digest: string): Promise<StateLayout | undefined> {
  let parts: StateLayout | undefined
  await readAll(broker, at, (record) => {
    const layout = progressIn(record)?.layout
    if (layout?.digest === digest) parts = layout.parts ?? parts
  })
  return parts
}

/** The tasks of a deployment that was refused, as status and logs tell them. */
export const refusedTasks = (deployment: Deployment, partitions: number, { message }: KappaError): TaskStatus[] =>
  deployment.stages.flatMap(({ name }) =>
    Array.from({ length: partitions }, (_, partition) => ({
      processor: deployment.processor,
      generation: deployment.generation,
      stage: name,
      partition,
      state: 'stopped' as const,
      reason: message,
      inputs: [],
      streamTime: undefined,
      waitingFor: [],
      taken: 0,
      late: 0,
      deadLettered: 0,
      stateEntries: 0,
      commits: 0,
      lastCommitMs: 0,
      takeOvers: 0,
      failures: 0,
    })),
  )
