import { FRAME_BYTES, type KafkaRecord, RawRecord } from '#engine/broker'
import type { Cut, RefusedRow } from '#engine/delivery'
import { KappaError } from '#engine/errors'
import { type AnyTopic, type Registry, type Table, WireCursor } from '#engine/schema'
import { RowReader } from '../rows.ts'
import { Bytes } from './bytes.ts'
import { type ColumnWriter, type Step, stepsOf, writerOf } from './column.ts'
import { engineColumns } from './engine-columns.ts'

/** The name of every column of the block, in order: the column list of the insert. */
export const columnNames = (table: Table): readonly string[] =>
  [...table.fields, ...table.engineColumns].map(({ name }) => name)

/** What records became. */
export interface Block {
  readonly bytes: Buffer
  /** Those that are its rows, in order. */
  readonly rows: readonly KafkaRecord[]
  /** Those that cannot be, with the reason: the same ones however often it is tried. */
  readonly refused: readonly RefusedRow[]
}

/** What of a block does not depend on its cut: the columns of the contract's fields. */
export interface Columns extends Pick<Block, 'rows' | 'refused'> {
  /** In order of the columns; for each its data. */
  readonly parts: readonly (readonly Uint8Array[])[]
  /** Of each row, 1 where the row of its identity is deleted. */
  readonly retracted: Uint8Array
}

/**
 * Records of one topic as a block of ClickHouse's Native format: column by column, nothing to parse for the server, and one
 * block is what one deduplication token covers.
 *
 * Values go from Avro's bytes into the columns without being made. A record whose value is odd in any way (a schema that is not
 * carried over, a number out of range, bytes that end too early) is taken back and goes by the decoder instead, which alone
 * says what is refused and why; so the block is the same as if all had gone by it (block.test.ts).
 */
export class BlockEncoder {
  private readonly topic: AnyTopic
  private readonly registry: Registry
  private readonly reader: RowReader
  private readonly carries: boolean
  private readonly columns: readonly ColumnWriter[]
  private readonly buffers: readonly Bytes[]
  /** By the writer's schema id; undefined where its values go by the decoder. */
  private readonly steps = new Map<number, readonly Step[] | undefined>()
  private readonly cursor = new WireCursor()
  private readonly raw = new RawRecord()
  /** Records of the last block whose values were made by the decoder. */
  made = 0
  private lastId = -1
  private lastSteps: readonly Step[] | undefined

  /** @param options.carries false: every value goes by the decoder */
  constructor(topic: AnyTopic, registry: Registry, { carries = true }: { readonly carries?: boolean } = {}) {
    this.topic = topic
    this.registry = registry
    this.reader = new RowReader(topic, registry)
    this.carries = carries
    this.columns = topic.contract.fields.map(writerOf)
    this.buffers = this.columns.flatMap(({ buffers }) => buffers)
  }

  /** To be awaited before `encode` of records with these schemas. Throws where the registry is away. */
  async learn(schemaIds: readonly number[]): Promise<void> {
    await this.reader.learn(schemaIds)
    for (const id of schemaIds) if (this.carries && !this.steps.has(id)) this.steps.set(id, await this.stepsFor(id))
  }

  private async stepsFor(schemaId: number): Promise<readonly Step[] | undefined> {
    if (!(await this.reader.reads(schemaId))) return undefined
    const writer = await this.registry.contractOf(schemaId)
    const { fields } = this.topic.contract
    return (
      writer &&
      stepsOf(
        writer.fields,
        fields,
        this.columns.map((column) => [column.name, column]),
      )
    )
  }

  /** Whether all of these schemas are learnt. */
  knows(schemaIds: readonly number[]): boolean {
    return schemaIds.every((id) => this.reader.knows(id) && (!this.carries || this.steps.has(id)))
  }

  encode(table: Table, cut: Cut, records: readonly KafkaRecord[]): Block {
    return this.blockOf(table, cut, this.columnsOf(records))
  }

  blockOf(table: Table, cut: Cut, { parts, rows, refused, retracted }: Columns): Block {
    const fields = this.columns.map(({ name, type }, i) => ({ name, type, parts: () => parts[i] ?? [] }))
    const bytes = nativeBytes([...fields, ...engineColumns(table, cut, rows, retracted)], rows.length)
    return { bytes, rows, refused }
  }

  columnsOf(records: readonly KafkaRecord[]): Columns {
    const rows: KafkaRecord[] = []
    const refused: RefusedRow[] = []
    const retracted = new Uint8Array(records.length)
    this.made = 0
    try {
      for (const record of records) {
        if (!this.carried(record)) {
          this.made++
          const row = this.reader.row(record)
          if (typeof row === 'string') {
            refused.push({ record, reason: row })
            continue
          }
          for (const column of this.columns) column.put(row.value[column.name])
          if (row.retracted) retracted[rows.length] = 1
        }
        rows.push(record)
      }
      const parts = this.columns.map((column) => column.parts())
      return { parts, rows, refused, retracted: retracted.subarray(0, rows.length) }
    } finally {
      for (const bytes of this.buffers) bytes.reset()
    }
  }

  /** True where the value is in the columns now; else nothing of it is. */
  private carried(record: KafkaRecord): boolean {
    const { buffers, cursor, raw } = this
    raw.show(record)
    const steps = this.stepsOf(raw.schemaId)
    if (steps === undefined) return false
    for (const bytes of buffers) bytes.mark()
    cursor.begin(raw.valueBytes, raw.valueAt + FRAME_BYTES, raw.valueAt + raw.valueLength)
    for (const step of steps) {
      step(cursor)
      if (cursor.failed) break
    }
    if (cursor.isWhole) return true
    for (const bytes of buffers) bytes.rollback()
    return false
  }

  private stepsOf(schemaId: number): readonly Step[] | undefined {
    if (schemaId !== this.lastId) {
      // Never a refusal: that a schema was not learnt is no fault of the record.
      if (schemaId >= 0 && !this.reader.knows(schemaId))
        throw new KappaError('STATE_MISMATCH', `encoding ${this.topic.name}: schema ${schemaId} was never learnt`)
      this.lastId = schemaId
      this.lastSteps = this.steps.get(schemaId)
    }
    return this.lastSteps
  }
}

function nativeBytes(columns: readonly Pick<ColumnWriter, 'name' | 'type' | 'parts'>[], rows: number): Buffer {
  const head = new Bytes(64)
  head.varint(columns.length)
  head.varint(rows)
  const parts: Uint8Array[] = [head.view()]
  for (const column of columns) {
    const name = new Bytes(64)
    name.text(column.name)
    name.text(column.type)
    parts.push(name.view(), ...column.parts())
  }
  return Buffer.concat(parts)
}
