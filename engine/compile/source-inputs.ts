import type { KafkaRecord } from '#engine/broker'
import { KappaError } from '#engine/errors'
import type { Row } from '#engine/topology'
import type { TaskContext } from './contract.ts'
import type { TopicInput } from './input.ts'
import { type Head, merged } from './merge.ts'
import type { StreamInput } from './stream-input.ts'
import type { TableInput } from './tables.ts'

/** The inputs of a first stage, streams before tables, and the order in which what they bring is taken. */
export class SourceInputs {
  readonly #topics: readonly TopicInput[]
  readonly #streams: number

  constructor(streams: readonly StreamInput[], tables: readonly TableInput[]) {
    this.#topics = [...streams.map(({ topicInput }) => topicInput), ...tables.map(({ input }) => input)]
    this.#streams = streams.length
  }

  /** Learns what decoding the slice needs; adds the subjects whose secrets it needs. */
  async prepare(slice: readonly (readonly KafkaRecord[])[], subjects: Set<string>): Promise<void> {
    for (let n = 0; n < slice.length; n++) await this.#of(n).prepare(slice[n] ?? [], subjects)
  }

  /** How many records of each buffer the next slice may hold: see `Stage.cut`. */
  cut(buffers: readonly (readonly KafkaRecord[])[], mayGrow: readonly boolean[]): readonly number[] {
    if (buffers.length < 2) return buffers.map((records) => records.length)
    const heads = this.#headsOf(buffers)
    const timeOf = ({ input, records, at }: Head): number =>
      this.#of(input).timeOf(records[at] as KafkaRecord) ?? Number.NEGATIVE_INFINITY
    merged(heads, mayGrow, timeOf, () => {})
    return heads.map(({ at }) => at)
  }

  /** Hands the records of a slice over in order, each with its row where it decodes: it is decoded once. */
  inOrder(
    slice: readonly (readonly KafkaRecord[])[],
    take: (input: number, record: KafkaRecord, row: Row | undefined) => void,
  ): void {
    const rows: (Row | undefined)[] = new Array(slice.length)
    const timeOf = ({ input, records, at }: Head): number => {
      const topic = this.#of(input)
      const row = decoded(topic, records[at] as KafkaRecord)
      rows[input] = row
      return row === undefined ? Number.NEGATIVE_INFINITY : (row[topic.timeField] as number)
    }
    merged(this.#headsOf(slice), [], timeOf, ({ input, records, at }) =>
      take(input, records[at] as KafkaRecord, rows[input]),
    )
  }

  #headsOf(slice: readonly (readonly KafkaRecord[])[]): Head[] {
    return slice.map((records, input) => {
      const table = input >= this.#streams
      return { input, table, topic: this.#of(input).topic.name, records, at: 0, time: 0 }
    })
  }

  #of(input: number): TopicInput {
    const topic = this.#topics[input]
    if (!topic)
      throw new KappaError('STATE_MISMATCH', `taking records of input ${input}, which this stage does not have`)
    return topic
  }
}

/** One entry an input: a table that is read whole has an input for each partition of its topic. */
export function tableInputsOf(table: TableInput, { broadcasts }: TaskContext): TableInput[] {
  const { broadcast, topic } = table.join.table
  if (!broadcast) return [table]
  const partitions = broadcasts?.get(topic.name)
  if (partitions === undefined)
    throw new KappaError('CONFIG_INVALID', `opening a join with ${topic.name}: its number of partitions was not given`)
  return new Array(partitions).fill(table)
}

function decoded(topic: TopicInput, record: KafkaRecord): Row | undefined {
  try {
    return topic.decode(record)
  } catch {
    return undefined
  }
}
