import type { KafkaRecord } from '#engine/broker'
import { keyText } from '#engine/schema'
import { VersionTable } from '#engine/state'
import type { JoinStep, Row } from '#engine/topology'
import type { TaskContext } from './contract.ts'
import { TopicInput } from './input.ts'
import { partitioner } from './steps.ts'

/** The table side of a join: its topic as an input, its rows by key and event time. */
export class TableInput {
  readonly join: JoinStep
  readonly input: TopicInput
  readonly table: VersionTable
  readonly #key: readonly string[]
  readonly #fields: readonly string[]
  readonly #partitionOf: (key: string) => number
  readonly #partition: number

  constructor(join: JoinStep, task: TaskContext) {
    const { topic } = join.table
    this.join = join
    this.#key = topic.contract.topic.key
    this.#fields = Object.values(join.select)
    this.input = new TopicInput(topic, [...this.#key, ...this.#fields], [], task.registry)
    this.table = new VersionTable(`table ${topic.name}: ${this.#fields.join(',')}`)
    this.#partitionOf = partitioner(task.partitions)
    this.#partition = task.partition
  }

  get movesTime(): boolean {
    return this.join.table.clock === 'shared'
  }

  get historyMs(): number {
    return this.join.table.historyMs
  }

  /** Puts a row in; the reason where it stands on a partition that its key does not belong to. */
  put(row: Row, time: number, streamTime: number): string | undefined {
    const key = keyText(this.#key.map((field) => row[field]))
    if (!this.join.table.broadcast && this.#partitionOf(key) !== this.#partition)
      return 'it stands on a partition that its key does not belong to'
    const values = this.#fields.map((field) => row[field])
    this.table.put(key, { time, row: values }, streamTime - this.join.table.historyMs)
    return undefined
  }

  /** A record without a value deletes the row of its key from its writing on. */
  remove(record: KafkaRecord, streamTime: number): void {
    const key = record.key?.toString('utf8') ?? ''
    this.table.put(key, { time: record.timestamp, row: null }, streamTime - this.join.table.historyMs)
  }
}
