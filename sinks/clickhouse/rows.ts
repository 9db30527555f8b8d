import type { KafkaRecord } from '#engine/broker'
import { learnSchemas, type RefusedRow } from '#engine/delivery'
import { KappaError, reasonOf } from '#engine/errors'
import { type AnyTopic, type ContractField, type Decoder, keyTexts, type Registry } from '#engine/schema'
import { type Refusal, refusalOf } from './native/refusal.ts'

/** A record as it will stand in the table. */
export interface Row {
  readonly record: KafkaRecord
  readonly value: Readonly<Record<string, unknown>>
  /** A record without a value: the row of its identity is deleted. */
  readonly retracted: boolean
}

export interface ReadRows {
  readonly rows: readonly Row[]
  readonly refused: readonly RefusedRow[]
}

type Value = Readonly<Record<string, unknown>>

/** Records → rows of one topic's table. What cannot become a row is refused with the reason, the same however often it is tried. */
export class RowReader {
  private readonly decoder: Decoder<Value>
  private readonly refusals: readonly (readonly [string, Refusal])[]
  private readonly identity: readonly ContractField[] | undefined

  constructor(topic: AnyTopic, registry: Registry) {
    this.decoder = registry.decoder(topic)
    const { fields } = topic.contract
    this.refusals = fields.flatMap((field) => {
      const refusal = refusalOf(field)
      return refusal === undefined ? [] : [[field.name, refusal] as const]
    })
    this.identity = retractableBy(topic)
  }

  async read(records: readonly KafkaRecord[]): Promise<ReadRows> {
    await learnSchemas(this.decoder, records)
    const rows: Row[] = []
    const refused: RefusedRow[] = []
    for (const record of records) {
      try {
        const row = this.row(record)
        if (typeof row === 'string') refused.push({ record, reason: row })
        else rows.push(row)
      } catch (thrown) {
        refused.push({ record, reason: reasonOf(thrown) })
      }
    }
    return { rows, refused }
  }

  private row(record: KafkaRecord): Row | string {
    if (record.value === null) return this.retraction(record)
    const value = this.decoder.decode(record.value)
    for (const [name, refusal] of this.refusals) {
      const reason = refusal(value[name])
      if (reason !== undefined) return reason
    }
    return { record, value, retracted: false }
  }

  private retraction(record: KafkaRecord): Row | string {
    if (this.identity === undefined) return 'a record without a value, and its key is not its identity'
    const texts = keyTexts(record.key?.toString('utf8') ?? '', this.identity.length)
    if (texts.length !== this.identity.length) return 'a record without a value whose key is not of the key fields'
    const known = this.identity.map((field, i) => [field.name, valueOfText(field, texts[i] ?? '')] as const)
    return { record, value: Object.fromEntries(known), retracted: true }
  }
}

/** The key's fields, where they are the whole identity of an upserted row: then a record without a value says which row. */
function retractableBy({ contract }: AnyTopic): readonly ContractField[] | undefined {
  const { kind, id, key } = contract.topic
  if (kind === 'facts' || !id.every((name) => key.includes(name))) return undefined
  return key.flatMap((name) => contract.fields.filter((field) => field.name === name))
}

function valueOfText({ type }: ContractField, text: string): unknown {
  switch (type.kind) {
    case 'string':
    case 'enum':
    case 'uuid':
      return text
    case 'boolean':
      return text === 'true'
    case 'decimal':
      return BigInt(text)
    case 'int':
    case 'long':
    case 'double':
    case 'timestamp':
    case 'date':
      return Number(text)
    default:
      throw new KappaError('DECODE_FAILED', `reading a key field of kind ${type.kind}`)
  }
}
