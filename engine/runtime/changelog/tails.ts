import { type Broker, type KafkaRecord, type Position, placeOf } from '#engine/broker'
import type { StageSpec } from '#engine/compile'
import { type Deployment, names } from '../deployment.ts'
import type { Progress } from './changelog.ts'

/** A commit ends with its progress; behind it stands its marker. */
const TAIL_RECORDS = 4
/** Reads of a fifth of a second without a record after which the tails are taken as read. */
const PATIENCE = 10

/** The end of one partition of a changelog. */
export interface Tail {
  readonly deployment: Deployment
  readonly spec: StageSpec
  readonly at: Position
  readonly end: number
}

/** Of the partitions that hold anything. */
export async function tailsOf(
  broker: Broker,
  deployment: Deployment,
  stages: readonly StageSpec[],
): Promise<readonly Tail[]> {
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

/** What the last commit says, by the place of the tail's partition; without those that do not answer in time. */
export async function lastProgress(broker: Broker, tails: readonly Tail[]): Promise<ReadonlyMap<string, Progress>> {
  const last = new Map<string, Progress>()
  if (tails.length === 0) return last
  const reader = await broker.reader()
  try {
    await reader.assign(tails.map(({ at }) => at))
    const behind = () => tails.some(({ at, end }) => (reader.position(at) ?? 0) < end)
    for (let silent = 0; behind() && silent < PATIENCE; ) {
      const records = await reader.read(1_000, 200)
      silent = records.length === 0 ? silent + 1 : 0
      for (const record of records) {
        const progress = progressIn(record)
        if (progress !== undefined) last.set(placeOf(record), progress)
      }
    }
  } finally {
    await reader.close()
  }
  return last
}

/** The progress that a record of a changelog tells; undefined where it is a part of the state. */
export function progressIn({ key, value }: Pick<KafkaRecord, 'key' | 'value'>): Progress | undefined {
  if (value === null || key?.toString() !== 'progress') return undefined
  return JSON.parse(value.toString()) as Progress
}
