import type { Broker } from '#engine/broker'
import { recordsBetween } from '#engine/delivery'
import { type Named, names, type Progress } from '#engine/runtime'
import type { ReplayBounds, SwitchPositions } from './generations.ts'

/** A stage of a generation as its changelog knows it: the code that wrote it may be gone. */
export interface StageProgress {
  /** As topics are named by it: without the processor. */
  readonly stage: string
  /** The last commit of each partition; undefined where nothing was ever committed. */
  readonly last: readonly (Progress | undefined)[]
  /** The topic of partial results that it reads, where it stands behind a re-key. */
  readonly repartition: string | undefined
}

/** What every stage of a generation committed last, found by the names of its topics alone. */
export async function progressOf(broker: Broker, of: Named): Promise<readonly StageProgress[]> {
  const there = await broker.admin.topics()
  const [prefix = '', suffix = ''] = names.changelog(of, '|').split('|')
  const stages = [...there.keys()].flatMap((name) =>
    name.startsWith(prefix) && name.endsWith(suffix) ? [name.slice(prefix.length, -suffix.length)] : [],
  )
  return await Promise.all(
    stages.sort().map(async (stage) => {
      const topic = names.changelog(of, stage)
      const repartition = names.repartition(of, stage)
      const partitions = there.get(topic) ?? 0
      const last = await Promise.all(
        Array.from({ length: partitions }, (_, partition) => lastOf(broker, topic, partition)),
      )
      return { stage, last, repartition: there.has(repartition) ? repartition : undefined }
    }),
  )
}

/** Where a commit's progress is looked for: behind it stand its marker, and whatever was aborted since. */
const FIRST_LOOK = 8

async function lastOf(broker: Broker, topic: string, partition: number): Promise<Progress | undefined> {
  const beginning = (await broker.admin.beginnings(topic))[partition] ?? 0
  const end = (await broker.admin.settledEnds(topic))[partition] ?? 0
  for (let look = FIRST_LOOK; beginning < end; look *= 16) {
    const from = Math.max(beginning, end - look)
    let found: Buffer | undefined
    for await (const records of recordsBetween(
      broker,
      topic,
      new Map([[partition, from]]),
      new Map([[partition, end]]),
    ))
      for (const { key, value } of records) if (key?.toString() === 'progress' && value !== null) found = value
    if (found !== undefined) return JSON.parse(found.toString()) as Progress
    if (from === beginning) break
  }
  return undefined
}

/** Where a generation stands in its sources: the next offsets to take; empty where it never ran. */
export async function sourcePositions(broker: Broker, stages: readonly StageProgress[]): Promise<SwitchPositions> {
  const positions: Record<string, number[]> = {}
  for (const { last, repartition } of stages) {
    const topics = new Set(last.flatMap((one) => one?.inputs.map(({ topic }) => topic) ?? []))
    for (const topic of topics) {
      if (topic === repartition) continue
      const beginnings = await broker.admin.beginnings(topic)
      const known = positions[topic]
      positions[topic] = last.map((one, partition) => {
        const position = one?.inputs.find((input) => input.topic === topic)?.position ?? beginnings[partition] ?? 0
        return Math.min(position, known?.[partition] ?? position)
      })
      const whole = last.flatMap(
        (one) => one?.inputs.filter((input) => input.topic === topic && 'partition' in input) ?? [],
      )
      if (whole.length > 0) positions[topic] = leastOf(whole, beginnings, known)
    }
  }
  return positions
}

/** Of a topic that every task reads whole, the least that any of them has come to. */
function leastOf(inputs: Progress['inputs'], beginnings: readonly number[], known: readonly number[] = []): number[] {
  return beginnings.map((beginning, partition) => {
    const own = inputs.filter((input) => input.partition === partition).map(({ position }) => position)
    return Math.min(...(own.length > 0 ? own : [beginning]), known[partition] ?? Number.POSITIVE_INFINITY)
  })
}

/** Records between the stages of a generation that the later one has not taken. */
export async function betweenStages(broker: Broker, stages: readonly StageProgress[]): Promise<number> {
  let count = 0
  for (const { last, repartition } of stages) {
    if (repartition === undefined) continue
    const beginnings = await broker.admin.beginnings(repartition)
    const from = last.map((one, partition) => {
      const position = one?.inputs.find(({ topic }) => topic === repartition)?.position ?? 0
      return [partition, Math.max(position, beginnings[partition] ?? 0)] as const
    })
    const until = (await broker.admin.settledEnds(repartition)).map((end, partition) => [partition, end] as const)
    for await (const records of recordsBetween(broker, repartition, new Map(from), new Map(until)))
      count += records.length
  }
  return count
}

/** A replay's bounds with their ends where another generation stands; what that one does not read keeps its end. */
export function boundsUpTo(bounds: ReplayBounds, positions: SwitchPositions): ReplayBounds {
  return Object.fromEntries(
    Object.entries(bounds).map(([topic, own]) => [
      topic,
      own.map(({ start, end }, partition) => {
        const until = positions[topic]?.[partition] ?? end
        return { start: Math.min(start, until), end: until }
      }),
    ]),
  )
}
