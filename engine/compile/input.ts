import type { KafkaRecord } from '#engine/broker'
import { KappaError } from '#engine/errors'
import { subjectOf } from '#engine/governance'
import { type AnyTopic, type Decoder, type Registry, rulesOf } from '#engine/schema'
import type { Row } from '#engine/topology'

const FRAME = 5

/** The schema id of a framed value; undefined where it is not framed (which decoding then says). */
const schemaIdOf = (value: Buffer | null): number | undefined =>
  value !== null && value.length >= FRAME && value[0] === 0 ? value.readUInt32BE(1) : undefined

/** One topic as a stage reads it: only the fields used, the event time, and the rules of these fields. */
export class TopicInput {
  readonly topic: AnyTopic
  readonly timeField: string
  readonly broken: (row: object) => string | undefined
  readonly #arrival: string | undefined
  readonly #rows: Decoder<Row>
  readonly #times: Decoder<Row>
  readonly #subjects: { readonly decoder: Decoder<Row>; readonly fields: readonly string[] } | undefined
  readonly #decoders: readonly Decoder<Row>[]

  /**
   * @param subjects fields that name subjects whose secrets the steps need
   * @param arrival the column that takes the record's time of writing
   */
  constructor(
    topic: AnyTopic,
    fields: readonly string[],
    subjects: readonly string[],
    registry: Registry,
    arrival?: string,
  ) {
    this.topic = topic
    this.#arrival = arrival
    this.timeField = topic.contract.topic.time
    const read = [...new Set([...fields, this.timeField])]
    this.broken = rulesOf(topic, read)
    this.#rows = registry.decoder(topic, read)
    this.#times = registry.decoder(topic, [this.timeField])
    this.#subjects =
      subjects.length === 0 ? undefined : { decoder: registry.decoder(topic, subjects), fields: subjects }
    this.#decoders = [this.#rows, this.#times, ...(this.#subjects ? [this.#subjects.decoder] : [])]
  }

  /** Learns the writer schemas of these records, and adds their subjects. */
  async prepare(records: readonly KafkaRecord[], subjects: Set<string>): Promise<void> {
    let last = -1
    for (let i = 0; i < records.length; i++) {
      const id = schemaIdOf((records[i] as KafkaRecord).value)
      if (id === undefined || id === last) continue
      last = id
      for (const decoder of this.#decoders) if (!decoder.knows(id)) await learnt(decoder, id)
    }
    if (this.#subjects) for (const record of records) this.#addSubjects(record, subjects)
  }

  #addSubjects(record: KafkaRecord, subjects: Set<string>): void {
    const { decoder, fields } = this.#subjects ?? {}
    if (!decoder || !fields || record.value === null) return
    try {
      const row = decoder.decode(record.value)
      for (const field of fields) {
        const subject = subjectOf(row, { subject: field, strategy: 'pseudonym', sealed: true })
        if (subject !== null) subjects.add(subject)
      }
    } catch {
      // It does not decode: taking it says so and dead-letters it.
    }
  }

  /** The fields used. Throws DECODE_FAILED. */
  decode(record: KafkaRecord): Row {
    if (record.value === null) throw new KappaError('DECODE_FAILED', `decoding ${this.topic.name}: there is no value`)
    const row = this.#rows.decode(record.value)
    if (this.#arrival !== undefined) row[this.#arrival] = record.timestamp
    return row
  }

  /** The event time of a record, or undefined where it does not decode. */
  timeOf(record: KafkaRecord): number | undefined {
    if (record.value === null) return undefined
    try {
      return this.#times.decode(record.value)[this.timeField] as number
    } catch {
      return undefined
    }
  }
}

/** A schema that is not there or does not fit is the record's fault, found when it is decoded; a registry that is away is not. */
async function learnt(decoder: Decoder<Row>, id: number): Promise<void> {
  try {
    await decoder.learn(id)
  } catch (thrown) {
    if (thrown instanceof KappaError && thrown.retriable) throw thrown
  }
}
