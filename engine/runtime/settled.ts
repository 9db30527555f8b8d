import { type Broker, placeOf } from '#engine/broker'
import type { StageSpec } from '#engine/compile'
import type { Progress } from './changelog/changelog.ts'
import { lastProgress, tailsOf } from './changelog/tails.ts'
import { type Deployment, names } from './deployment.ts'

/** How far the results of a deployment are settled, by what is committed: whether it runs or not. */
export interface Settled {
  /**
   * Event time, milliseconds: rows of windows that end by then, and of events that happened by then, are on the result topic
   * and change no more. Undefined where nothing is yet.
   */
  readonly until: number | undefined
  /** Offsets of source topics that are not taken yet; transaction markers count. */
  readonly behind: number
}

/** @param settlingMs of its plan: how far behind stream time results are settled */
export async function settled(broker: Broker, deployment: Deployment, settlingMs: number): Promise<Settled> {
  const { stages } = deployment
  const progress = await lastProgress(broker, await tailsOf(broker, deployment, stages))
  const last = stages.at(-1)
  const time = last === undefined ? undefined : await leastTime(broker, deployment, last, progress)
  const behind = await Promise.all(stages.map((spec) => behindOf(broker, deployment, spec, progress)))
  return {
    until: time === undefined || !Number.isFinite(settlingMs) ? undefined : time - settlingMs,
    behind: behind.reduce((sum, one) => sum + one, 0),
  }
}

/** Of a stage's tasks, but for those whose inputs never had a record. */
async function leastTime(
  broker: Broker,
  deployment: Deployment,
  spec: StageSpec,
  progress: ReadonlyMap<string, Progress>,
): Promise<number | undefined> {
  const topic = names.changelog(deployment, spec.name)
  const partitions = (await broker.admin.topics()).get(topic) ?? 0
  let least = Number.POSITIVE_INFINITY
  for (let partition = 0; partition < partitions; partition++) {
    const time = progress.get(placeOf({ topic, partition }))?.streamTime
    if (time !== undefined) least = Math.min(least, time)
    else if (await hasRecords(broker, deployment, spec, partition)) return undefined
  }
  return Number.isFinite(least) ? least : undefined
}

async function hasRecords(
  broker: Broker,
  deployment: Deployment,
  spec: StageSpec,
  partition: number,
): Promise<boolean> {
  for (const input of spec.inputs) {
    if (input.role === 'broadcast') continue
    const [end = 0] = (await broker.admin.committedEnds(names.input(deployment, input))).slice(partition)
    if (end > 0) return true
  }
  return false
}

async function behindOf(
  broker: Broker,
  deployment: Deployment,
  spec: StageSpec,
  progress: ReadonlyMap<string, Progress>,
): Promise<number> {
  const changelog = names.changelog(deployment, spec.name)
  let behind = 0
  for (const { role, topic } of spec.inputs) {
    if (role !== 'stream') continue
    const [beginnings, ends] = await Promise.all([broker.admin.beginnings(topic), broker.admin.committedEnds(topic)])
    for (const [partition, end] of ends.entries()) {
      const inputs = progress.get(placeOf({ topic: changelog, partition }))?.inputs
      const position = inputs?.find((input) => input.topic === topic)?.position ?? beginnings[partition] ?? 0
      behind += Math.max(0, end - position)
    }
  }
  return behind
}
