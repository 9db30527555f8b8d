import type { Broker } from '#engine/broker'
import type { Archive, CutLog, OffsetRange } from '#engine/delivery'
import { KappaError } from '#engine/errors'
import { joinsOf, type Plan } from '#engine/topology'
import { expectCovered } from './covered.ts'
import type { ReplayBounds, ReplayRequest } from './generations.ts'
import { type PartitionFacts, type PartitionPlan, planBounds, planPartition } from './plan.ts'
import { type WarmUp, warmUpOf } from './warm-up.ts'

/** Where a replay reads from. */
export interface ReplaySources {
  readonly broker: Broker
  readonly archive: Archive | undefined
  /** The archive's cut log: tells holes in the archive from offsets that never were. */
  readonly archiveLog: CutLog | undefined
}

/** Step 1 of a replay: everything it is going to read, decided before anything is read. */
export interface ReplayPlan {
  readonly request: ReplayRequest
  readonly warmUp: WarmUp
  readonly partitions: readonly PartitionPlan[]
  readonly bounds: ReplayBounds
  /** Records to read: counted where the archive describes them, offsets (an upper bound) where only Kafka has them. */
  readonly events: number
  readonly fromKafka: number
  readonly fromArchive: number
  /** Objects of the archive, and their bytes. */
  readonly objects: number
  readonly archiveBytes: number
  /** Ids of the schemas that cuts of the archive met in what is read. */
  readonly schemaIds: readonly number[]
}

/** @param fixed the bounds of a replay that is resumed; absent: they follow from the request */
export async function planReplay(
  plan: Plan,
  request: ReplayRequest,
  sources: ReplaySources,
  fixed?: ReplayBounds,
): Promise<ReplayPlan> {
  const warmUp = warmUpOf(plan)
  const { from, to } = request.publishes ?? request
  const window = { from, to, warmUpMs: warmUp.beforeMs, graceMs: warmUp.afterMs }
  const decided = await decidedRanges(sources.archiveLog)
  const partitions: PartitionPlan[] = []
  const bounds: Record<string, { start: number; end: number }[]> = {}
  const streams: PartitionFacts[] = []
  for (const { topic: contract, whole } of inputsOf(plan)) {
    const topic = request.sources?.[contract] ?? contract
    // What a generation made is read to its end: it holds no more than what was asked of it.
    const facts = await factsOf(topic, whole || topic !== contract, request, sources, decided)
    if (!whole && topic === contract) streams.push(...facts)
    const plans = facts.map((one, partition) => {
      const bound = fixed?.[topic]?.[partition]
      return bound === undefined ? planPartition(one, window, request.source) : planBounds(one, bound, request.source)
    })
    partitions.push(...plans)
    bounds[topic] = plans.map(({ start, end }) => ({ start, end }))
  }
  const asked = fixed === undefined && request.live !== true && streams.length > 0
  if (asked) await expectCovered(sources.broker, request, streams)
  return { request, warmUp, partitions, bounds, ...totalsOf(partitions), schemaIds: schemasOf(partitions, decided) }
}

/** Streams, then the tables that are joined: these are read whole. */
function inputsOf(plan: Plan): readonly { readonly topic: string; readonly whole: boolean }[] {
  const tables = joinsOf(plan).map(({ table }) => table.topic.name)
  return [
    ...plan.inputs.map(({ topic }) => ({ topic: topic.name, whole: false })),
    ...[...new Set(tables)].map((topic) => ({ topic, whole: true })),
  ]
}

interface DecidedRange extends OffsetRange {
  readonly schemaIds: readonly number[]
}

/** Per topic, what the archive's log says was written. */
async function decidedRanges(log: CutLog | undefined): Promise<ReadonlyMap<string, readonly DecidedRange[]>> {
  const byTopic = new Map<string, DecidedRange[]>()
  await log?.history(({ cut }) => {
    const own = byTopic.get(cut.topic) ?? []
    byTopic.set(cut.topic, own)
    for (const range of cut.ranges) own.push({ ...range, schemaIds: cut.schemaIds })
  })
  return byTopic
}

async function factsOf(
  topic: string,
  whole: boolean,
  request: ReplayRequest,
  { broker, archive }: ReplaySources,
  decided: ReadonlyMap<string, readonly DecidedRange[]>,
): Promise<readonly PartitionFacts[]> {
  const beginnings = await broker.admin.beginnings(topic)
  // A generation that is finished has commits whose markers may not stand yet.
  const led = Object.values(request.sources ?? {}).includes(topic)
  const ends = await (led ? broker.admin.settledEnds(topic) : broker.admin.committedEnds(topic))
  if (request.source === 's3' && archive === undefined)
    throw new KappaError('CONFIG_INVALID', `planning a replay of ${request.processor} from s3: there is no archive`)
  const ranges = (await archive?.ranges(topic)) ?? []
  return ends.map((committedEnd, partition) => ({
    topic,
    partition,
    beginning: beginnings[partition] ?? 0,
    committedEnd,
    archived: ranges.filter((range) => range.partition === partition),
    decided: (decided.get(topic) ?? []).filter((range) => range.partition === partition),
    whole,
  }))
}

function totalsOf(partitions: readonly PartitionPlan[]) {
  let [fromKafka, fromArchive, objects, archiveBytes] = [0, 0, 0, 0]
  for (const { segments } of partitions)
    for (const { from, first, last, range } of segments) {
      if (from === 'kafka' || range === undefined) fromKafka += last - first + 1
      else {
        const share = (last - first + 1) / (range.last - range.first + 1)
        fromArchive += Math.round(range.count * share)
        objects++
        archiveBytes += range.bytes
      }
    }
  return { events: fromKafka + fromArchive, fromKafka, fromArchive, objects, archiveBytes }
}

function schemasOf(
  partitions: readonly PartitionPlan[],
  decided: ReadonlyMap<string, readonly DecidedRange[]>,
): readonly number[] {
  const ids = new Set<number>()
  for (const { topic, partition, start, end } of partitions)
    for (const range of decided.get(topic) ?? [])
      if (range.partition === partition && range.last >= start && range.first < end)
        for (const id of range.schemaIds) ids.add(id)
  return [...ids].sort((a, b) => a - b)
}
