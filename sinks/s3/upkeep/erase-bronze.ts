import type { KafkaRecord } from '#engine/broker'
import { fingerprint, learnSchemas } from '#engine/delivery'
import type { AnyTopic, Decoder, Registry } from '#engine/schema'
import { BronzeArchive } from '../archive.ts'
import { bronzeFile } from '../bronze/container.ts'
import { erasedBronzeKey } from '../layout.ts'
import type { BronzeObject } from '../manifest.ts'
import type { ObjectStore } from '../object-store.ts'
import { erasedRow, type Personal, personalOf } from './erased.ts'

type Value = Readonly<Record<string, unknown>>

/** Writes archive objects anew without the values of some subjects. */
export class BronzeEraser {
  private readonly store: ObjectStore
  private readonly topic: AnyTopic
  private readonly registry: Registry
  private readonly subjects: ReadonlySet<string>
  private readonly fields: readonly Personal[]
  private readonly archive: BronzeArchive
  private readonly decoder: Decoder<Value>
  private schemaId: number | undefined

  constructor(store: ObjectStore, topic: AnyTopic, registry: Registry, subjects: ReadonlySet<string>) {
    this.store = store
    this.topic = topic
    this.registry = registry
    this.subjects = subjects
    this.fields = personalOf(topic)
    this.archive = new BronzeArchive(store)
    this.decoder = registry.decoder(topic)
  }

  /**
   * The object that stands for a range now, and how many of its records are other ones; undefined where none had to be. What
   * cannot be decoded stays as it is: nobody knows whom it is about. Throws CUT_MISMATCH where the object was altered.
   */
  async erase(
    generation: number,
    range: BronzeObject,
  ): Promise<{ readonly range: BronzeObject; readonly rows: number } | undefined> {
    const records = await this.archive.read(this.topic.name, range)
    await learnSchemas(this.decoder, records)
    this.schemaId ??= await this.registry.idOf(this.topic)
    let rows = 0
    const erased = records.map((record) => {
      const own = this.erased(record)
      if (own !== undefined) rows++
      return own ?? record
    })
    if (rows === 0) return undefined
    const { partition, first, last } = range
    const { count, sha256, hashSum } = fingerprint(erased)
    const file = await bronzeFile(erased, { topic: this.topic.name, partition, sha256 })
    const object = erasedBronzeKey({ topic: this.topic.name, generation }, partition, first, last, sha256)
    await this.store.put(object, file, 'application/avro')
    return { range: { ...range, count, sha256, hashSum, object, bytes: file.length }, rows }
  }

  private erased(record: KafkaRecord): KafkaRecord | undefined {
    if (record.value === null || this.schemaId === undefined) return undefined
    let value: Value
    try {
      value = this.decoder.decode(record.value)
    } catch {
      return undefined
    }
    const own = erasedRow(value, this.fields, this.subjects)
    return own && { ...record, value: Buffer.from(this.topic.frame(this.schemaId, own)) }
  }
}
