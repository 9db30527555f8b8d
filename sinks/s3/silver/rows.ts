import type { KafkaRecord } from '#engine/broker'
import { learnSchemas, type RefusedRow } from '#engine/delivery'
import { reasonOf } from '#engine/errors'
import type { AnyTopic, Decoder, Registry } from '#engine/schema'
import { type SilverBy, silverFolder } from '../layout.ts'
import type { SilverRow } from './parquet.ts'
import { type Refusal, refusalOf } from './refusal.ts'

type Value = Readonly<Record<string, unknown>>

/** Times that a folder can be named for; others are refused as rows. */
const FIRST_MS = -62_135_596_800_000
const END_MS = 253_402_300_800_000

/** Records → rows of silver by folder, in order of the folders' names. */
export class SilverReader {
  private readonly decoder: Decoder<Value>
  private readonly time: string
  private readonly upserts: boolean
  private readonly by: SilverBy
  private readonly refusals: readonly (readonly [string, Refusal])[]

  constructor(topic: AnyTopic, registry: Registry, by: SilverBy) {
    this.decoder = registry.decoder(topic)
    this.time = topic.contract.topic.time
    this.upserts = topic.contract.topic.kind !== 'facts'
    this.by = by
    this.refusals = topic.contract.fields.flatMap((field) => {
      const refusal = refusalOf(field)
      return refusal === undefined ? [] : [[field.name, refusal] as const]
    })
  }

  async read(
    records: readonly KafkaRecord[],
  ): Promise<{ readonly folders: readonly [string, readonly SilverRow[]][]; readonly refused: readonly RefusedRow[] }> {
    await learnSchemas(this.decoder, records)
    const folders = new Map<string, SilverRow[]>()
    const refused: RefusedRow[] = []
    for (const record of records) {
      const row = this.row(record)
      if (typeof row === 'string') {
        refused.push({ record, reason: row })
        continue
      }
      const folder = silverFolder(this.by, this.timeOf(row))
      const own = folders.get(folder)
      if (own === undefined) folders.set(folder, [row])
      else own.push(row)
    }
    return { folders: [...folders].sort(([a], [b]) => (a < b ? -1 : 1)), refused }
  }

  private row(record: KafkaRecord): SilverRow | string {
    if (record.value === null) return this.upserts ? { record, value: null } : 'a record without a value'
    try {
      const value = this.decoder.decode(record.value)
      const time = value[this.time]
      if (typeof time !== 'number' || time < FIRST_MS || time >= END_MS)
        return `field ${this.time}: ${String(time)} ms is outside the years 1 to 9999`
      for (const [name, refusal] of this.refusals) {
        const reason = refusal(value[name])
        if (reason !== undefined) return reason
      }
      return { record, value }
    } catch (thrown) {
      return reasonOf(thrown)
    }
  }

  /** A retraction has no event time of its own: it stands where it was written. */
  private timeOf({ record, value }: SilverRow): number {
    const time = value?.[this.time]
    return typeof time === 'number' ? time : record.timestamp
  }
}
