import { type Broker, type Position, placeOf } from '#engine/broker'
import type { StageSpec } from '#engine/compile'
import { KappaError } from '#engine/errors'
import { layoutDifferences, layoutDigest, type StateLayout } from '#engine/topology'
import type { LayoutStamp, Progress } from './changelog/changelog.ts'
import { layoutRefusal } from './changelog/layout.ts'
import { readAll } from './changelog/read-all.ts'
import { type Deployment, names } from './deployment.ts'
import type { TaskStatus } from './telemetry/status.ts'

/** A commit ends with its progress; behind it stands its marker. */
const TAIL_RECORDS = 4
/** Reads of a fifth of a second without a record after which the tails are taken as read. */
const PATIENCE = 10

interface Tail {
  readonly deployment: Deployment
  readonly spec: StageSpec
  readonly at: Position
  readonly end: number
}

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
    const tails = (await Promise.all(deployments.map((deployment) => tailsOf(broker, deployment)))).flat()
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
  const tails = await tailsOf(broker, deployment)
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

async function tailsOf(broker: Broker, deployment: Deployment): Promise<Tail[]> {
  const stages = deployment.stages.filter(({ layout }) => layout !== undefined)
  const tails = stages.map(async (spec) => {
    const topic = names.changelog(deployment, spec.name)
    const [beginnings, ends] = await Promise.all([broker.admin.beginnings(topic), broker.admin.committedEnds(topic)])
    return ends.flatMap((end, partition) => {
      const beginning = beginnings[partition] ?? 0
      const at = { topic, partition, offset: Math.max(beginning, end - TAIL_RECORDS) }
      return end > beginning ? [{ deployment, spec, at, end }] : []
    })
  })
  return (await Promise.all(tails)).flat()
}

/** What the last commit of each changelog partition says of its layout. */
async function stampsOf(broker: Broker, tails: readonly Tail[]): Promise<ReadonlyMap<string, LayoutStamp>> {
  const stamps = new Map<string, LayoutStamp>()
  if (tails.length === 0) return stamps
  const reader = await broker.reader()
  try {
    await reader.assign(tails.map(({ at }) => at))
    const behind = () => tails.some(({ at, end }) => (reader.position(at) ?? 0) < end)
    for (let silent = 0; behind() && silent < PATIENCE; ) {
      const records = await reader.read(1_000, 200)
      silent = records.length === 0 ? silent + 1 : 0
      for (const record of records) {
        const layout = layoutIn(record)
        if (layout !== undefined) stamps.set(placeOf(record), layout)
      }
    }
  } finally {
    await reader.close()
  }
  return stamps
}

function layoutIn({ key, value }: { readonly key: Buffer | null; readonly value: Buffer | null }) {
  if (value === null || key?.toString() !== 'progress') return undefined
  return (JSON.parse(value.toString()) as Progress).layout
}

/** The parts of a layout, told by the first commit of an owner or by a snapshot. */
async function partsOf(broker: Broker, at: Position, digest: string): Promise<StateLayout | undefined> {
  let parts: StateLayout | undefined
  await readAll(broker, at, (record) => {
    const layout = layoutIn(record)
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
