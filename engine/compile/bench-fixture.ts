import { type KafkaRecord, partitionOf } from '#engine/broker'
import type { KeyVault } from '#engine/governance'
import { type AnyTopic, memoryRegistry, type Registry, type Topic } from '#engine/schema'
import type { Plan } from '#engine/topology'
import { compile } from './compile.ts'
import type { Advance, OutputRecord, Stage, StageSpec, TaskContext } from './contract.ts'

/**
 * A processor's stages driven in memory: logs by topic and partition, commits wherever the test puts them, crashes that
 * lose what was not committed. What a commit writes is applied at once, as a transaction would.
 */
export interface Written {
  readonly record: OutputRecord
  readonly stage: string
  readonly partition: number
}

interface Task {
  readonly spec: StageSpec
  readonly partition: number
  stage: Stage
  /** Next record of each input, as taken and as committed. */
  taken: number[]
  committed: number[]
  readonly changelog: Buffer[]
}

export class Bench {
  readonly plan: Plan
  readonly written: Written[] = []
  /** For tests that count slices: how many are committed. */
  kept = 0
  readonly #partitions: number
  readonly #registry: Registry
  readonly #ids = new Map<string, number>()
  readonly #logs = new Map<string, KafkaRecord[][]>()
  readonly #tasks: Task[] = []
  readonly #vault: KeyVault | undefined

  private constructor(plan: Plan, partitions: number, registry: Registry, vault: KeyVault | undefined) {
    this.plan = plan
    this.#partitions = partitions
    this.#registry = registry
    this.#vault = vault
  }

  static async of(
    plan: Plan,
    options: { readonly partitions?: number; readonly vault?: KeyVault } = {},
  ): Promise<Bench> {
    const bench = new Bench(plan, options.partitions ?? 1, memoryRegistry(), options.vault)
    const specs = compile(plan)
    for (const topic of [plan.destination, ...plan.inputs.map((input) => input.topic), ...tablesOf(plan)])
      bench.#ids.set(topic.name, await bench.#registry.register(topic))
    for (const spec of specs)
      for (let partition = 0; partition < bench.#partitions; partition++) {
        const none = spec.inputs.map(() => 0)
        bench.#tasks.push({
          spec,
          partition,
          stage: bench.#open(spec, partition),
          taken: none,
          committed: none,
          changelog: [],
        })
      }
    return bench
  }

  #open(spec: StageSpec, partition: number): Stage {
    const task: TaskContext = {
      partition,
      partitions: this.#partitions,
      generation: 1,
      schemaIds: this.#ids,
      registry: this.#registry,
      ...(this.#vault ? { vault: this.#vault } : {}),
    }
    return spec.open(task)
  }

  #log(topic: string, partition: number): KafkaRecord[] {
    const logs = this.#logs.get(topic) ?? Array.from({ length: this.#partitions }, (): KafkaRecord[] => [])
    this.#logs.set(topic, logs)
    const log = logs[partition]
    if (!log) throw new RangeError(`${topic} has no partition ${partition}`)
    return log
  }

  /** Writes a value where its key puts it; `timestamp` is the time of writing. */
  write<V>(topic: Topic<V>, value: V, timestamp = 4_000_000_000_000): void {
    const id = this.#ids.get(topic.name) ?? 0
    const key = Buffer.from(topic.keyOf(value))
    this.raw(topic, key, topic.frame(id, value), partitionOf(key, this.#partitions), timestamp)
  }

  /** The partition that a value's key belongs to. */
  place<V>(topic: Topic<V>, value: V): number {
    return partitionOf(Buffer.from(topic.keyOf(value)), this.#partitions)
  }

  framed<V>(topic: Topic<V>, value: V): Buffer {
    return topic.frame(this.#ids.get(topic.name) ?? 0, value)
  }

  length(topic: AnyTopic, partition = 0): number {
    return this.#log(topic.name, partition).length
  }

  /** What a task has not taken yet, by input. */
  buffers(task: Task): readonly (readonly KafkaRecord[])[] {
    return task.spec.inputs.map(({ topic }, n) => this.#log(topic, task.partition).slice(task.taken[n] ?? 0))
  }

  raw(topic: AnyTopic, key: Buffer | null, value: Buffer | null, partition = 0, timestamp = 4_000_000_000_000): void {
    this.#append(topic.name, partition, key, value, timestamp)
  }

  #append(topic: string, partition: number, key: Buffer | null, value: Buffer | null, timestamp: number): void {
    const log = this.#log(topic, partition)
    // Offsets have gaps, as transaction markers leave them.
    const offset = (log.at(-1)?.offset ?? -1) + 1 + (log.length % 3 === 2 ? 1 : 0)
    log.push({ topic, partition, offset, timestamp, key, value, headers: undefined })
  }

  task(partition = 0, stage = 0): Task {
    const { name } = compile(this.plan)[stage] ?? {}
    const task = this.#tasks.find((one) => one.partition === partition && one.spec.name === name)
    if (!task) throw new RangeError(`no task of stage ${stage} on partition ${partition}`)
    return task
  }

  /** Takes up to `most` records of each input of a task, as one slice. */
  async take(task: Task, most = Number.POSITIVE_INFINITY): Promise<number> {
    const slice = this.buffers(task).map((records) => records.slice(0, most))
    await task.stage.prepare(slice)
    task.stage.accept(slice)
    task.taken = task.taken.map((from, n) => from + (slice[n]?.length ?? 0))
    return slice.reduce((sum, records) => sum + records.length, 0)
  }

  commit(task: Task): void {
    for (const record of task.stage.drain()) {
      if (record.channel === 'repartition')
        this.#append(task.spec.next ?? '', record.partition ?? 0, record.key, record.value, 0)
      else this.written.push({ record, stage: task.spec.name, partition: task.partition })
    }
    const delta = task.stage.takeDelta()
    if (delta) task.changelog.push(delta)
    task.committed = task.taken
  }

  /** Loses the task's memory and what it had not committed; restores it from its changelog. */
  crash(task: Task): void {
    task.stage = this.#open(task.spec, task.partition)
    for (const block of task.changelog) task.stage.restore(block)
    task.taken = task.committed
  }

  /** Replaces the changelog by a snapshot. */
  compact(task: Task): void {
    const blocks = [...task.stage.snapshot()]
    task.changelog.length = 0
    task.changelog.push(...blocks)
  }

  /** Takes everything, stage after stage, each partition in one commit; it is the end of what is taken. */
  async run(): Promise<void> {
    for (const task of this.#tasks) {
      await this.take(task)
      task.stage.endThrows?.()
      this.commit(task)
    }
  }

  advance(change: Omit<Advance, 'afterOffset' | 'input'> & { readonly input?: number }): void {
    for (const { stage, spec } of this.#tasks)
      if (spec.inputs[0]?.role !== 'repartition') stage.advance({ input: 0, afterOffset: 0, ...change })
  }

  get tasks(): readonly Task[] {
    return this.#tasks
  }

  /** Rows of the destination in the order written. */
  rows<V>(topic: Topic<V>): V[] {
    return this.of('result').map(({ value }) => topic.decode((value as Buffer).subarray(5)))
  }

  of(channel: OutputRecord['channel']): OutputRecord[] {
    return this.written.filter(({ record }) => record.channel === channel).map(({ record }) => record)
  }
}

const tablesOf = (plan: Plan): AnyTopic[] =>
  plan.inputs.flatMap(({ steps }) => steps.flatMap((step) => (step.kind === 'join' ? [step.table.topic] : [])))

/** A header's text. */
export const header = (record: OutputRecord | undefined, name: string): string | undefined =>
  record?.headers?.[name]?.toString()
