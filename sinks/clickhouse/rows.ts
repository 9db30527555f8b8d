import type { KafkaRecord } from '#engine/broker'
import { learnIds } from '#engine/delivery'
import { KappaError, reasonOf } from '#engine/errors'
import { type AnyTopic, type ContractField, type Decoder, keyTexts, type Registry } from '#engine/schema'
import { type Refusal, refusalOf } from './native/refusal.ts'

/** A record as it will stand in the table. */
export interface Row {
  readonly value: Readonly<Record<string, unknown>>
  /** A record without a value: the row of its identity is deleted. */
  readonly retracted: boolean
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

  /** To be awaited before `row` of records with these schema ids. Throws where the registry is away. */
  learn(schemaIds: readonly number[]): Promise<void> {
    return learnIds(this.decoder, schemaIds)
  }

  knows(schemaId: number): boolean {
    return this.decoder.knows(schemaId)
  }

  /** Whether values of a learnt schema can be read as the topic's. */
  async reads(schemaId: number): Promise<boolean> {
    return this.decoder.learn(schemaId).then(
      () => true,
      () => false,
    )
  }

  /** The row, or why the record cannot be one. */
  row(record: KafkaRecord): Row | string {
    try {
      return this.rowOf(record)
    } catch (thrown) {
      return reasonOf(thrown)
    }
  }

  private rowOf(record: KafkaRecord): Row | string {
    if (record.value === null) return this.retraction(record)
    const value = this.decoder.decode(record.value)
    for (const [name, refusal] of this.refusals) {
      const reason = refusal(value[name])
      if (reason !== undefined) return reason
    }
    return { value, retracted: false }
  }

  private retraction(record: KafkaRecord): Row | string {
    if (this.identity === undefined) return 'a record without a value, and its key is not its identity'
    const texts = keyTexts(record.key?.toString('utf8') ?? '', this.identity.length)
    if (texts.length !== this.identity.length) return 'a record without a value whose key is not of the key fields'
    const known = this.identity.map((field, i) => [field.name, valueOfText(field, texts[i] ?? '')] as const)
    return { value: Object.fromEntries(known), retracted: true }
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
