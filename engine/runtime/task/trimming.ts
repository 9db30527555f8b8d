import type { Broker } from '#engine/broker'
import type { StageSpec } from '#engine/compile'
import type { InputProgress } from '../changelog/changelog.ts'

/**
 * Keeps a repartition topic short, which no retention may do: what a committed position has passed is read by nobody again,
 * so the log is truncated up to the last record taken, now and then (as Kafka Streams purges its repartition topics, KIP-204).
 */
export class Trimming {
  readonly #broker: Broker
  readonly #spec: StageSpec
  readonly #partition: number
  readonly #most: number
  readonly #trimmed: (number | undefined)[] = []

  /** @param most records that may stay although they were taken, about */
  constructor(broker: Broker, spec: StageSpec, partition: number, most: number) {
    this.#broker = broker
    this.#spec = spec
    this.#partition = partition
    this.#most = most
  }

  /** After a commit of these positions. The last record taken stays: a take-over knows the log by it. */
  async committed(inputs: readonly InputProgress[]): Promise<void> {
    const due = inputs.flatMap(({ topic, position, last }, index) => {
      if (this.#spec.inputs[index]?.role !== 'repartition') return []
      const offset = Math.min(position, last?.offset ?? position)
      if (offset - (this.#trimmed[index] ?? 0) < this.#most) return []
      this.#trimmed[index] = offset
      return [{ topic, partition: this.#partition, offset }]
    })
    if (due.length === 0) return
    // Left undone it is done by the next; the log only stays longer meanwhile.
    await this.#broker.admin.truncate(due).catch(() => {})
  }
}
