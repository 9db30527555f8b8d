import type { Broker, Position, Reader, TopicPartition } from '#engine/broker'
import type { StageInput, StageSpec } from '#engine/compile'
import type { Deployment } from '../deployment.ts'

/**
 * Topics that every task reads whole. The plan names one input; a task has one for each partition of the topic, because
 * offsets, slices and positions belong to partitions. How many there are, only the broker knows.
 */

/** The deployment with its broadcast inputs as they are in the broker now. A topic that is not there stays one input, for whoever checks. */
export async function withBroadcasts(broker: Broker, deployment: Deployment): Promise<Deployment> {
  if (!deployment.stages.some(({ inputs }) => inputs.some(({ role }) => role === 'broadcast'))) return deployment
  const there = await broker.admin.topics()
  return { ...deployment, stages: deployment.stages.map((spec) => expanded(spec, there)) }
}

function expanded(spec: StageSpec, there: ReadonlyMap<string, number>): StageSpec {
  const counts = new Map<string, number>()
  const inputs = spec.inputs.flatMap((input): readonly StageInput[] => {
    const count = there.get(input.topic)
    if (input.role !== 'broadcast' || input.partition !== undefined || count === undefined) return [input]
    counts.set(input.topic, count)
    return Array.from({ length: count }, (_none, partition) => ({ ...input, partition }))
  })
  return counts.size === 0 ? spec : { ...spec, inputs, open: (task) => spec.open({ ...task, broadcasts: counts }) }
}

/**
 * A task's reader where a part of its inputs is read by nobody else in its group: these come by a reader of the task's own,
 * opened when the first of them is assigned. What it reads is asked of `own`, and of `shared`, by their owner.
 */
export class SplitReader implements Pick<Reader, 'assign' | 'unassign' | 'position' | 'pause' | 'resume'> {
  readonly #shared: Reader
  readonly #open: () => Promise<Reader>
  readonly #opened: (own: Reader) => void
  readonly #topics: ReadonlySet<string>
  #own: Promise<Reader> | undefined
  own: Reader | undefined

  /** @param topics those that `open`'s reader reads; `opened` is told when there is something to read */
  constructor(
    shared: Reader,
    topics: ReadonlySet<string>,
    { open, opened }: { readonly open: () => Promise<Reader>; readonly opened: (own: Reader) => void },
  ) {
    this.#shared = shared
    this.#open = open
    this.#opened = opened
    this.#topics = topics
  }

  async assign(positions: readonly Position[]): Promise<void> {
    const [own, shared] = this.#split(positions)
    if (own.length > 0) {
      const known = this.#own
      this.#own ??= this.#open()
      const reader = await this.#own
      this.own = reader
      await reader.assign(own)
      if (known === undefined) this.#opened(reader)
    }
    await this.#shared.assign(shared)
  }

  async unassign(partitions: readonly TopicPartition[]): Promise<void> {
    const [own, shared] = this.#split(partitions)
    await this.own?.unassign(own)
    await this.#shared.unassign(shared)
  }

  position(at: TopicPartition): number | undefined {
    return this.#of(at)?.position(at)
  }

  pause(partitions: readonly TopicPartition[]): void {
    for (const at of partitions) this.#of(at)?.pause([at])
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const at of partitions) this.#of(at)?.resume([at])
  }

  async close(): Promise<void> {
    const own = await this.#own?.catch(() => undefined)
    this.own = undefined
    this.#own = undefined
    await own?.close()
  }

  #of({ topic }: TopicPartition): Reader | undefined {
    return this.#topics.has(topic) ? this.own : this.#shared
  }

  #split<P extends TopicPartition>(all: readonly P[]): readonly [own: P[], shared: P[]] {
    const own = all.filter(({ topic }) => this.#topics.has(topic))
    return [own, all.filter(({ topic }) => !this.#topics.has(topic))]
  }
}
