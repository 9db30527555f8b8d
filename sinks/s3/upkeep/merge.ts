import { setImmediate } from 'node:timers/promises'
import type { SchemaElement } from 'hyparquet'
import { ByteWriter, ParquetWriter } from 'hyparquet-writer'
import { KappaError } from '#engine/errors'
import type { SilverFile } from '../ledger/head.ts'
import type { ObjectStore } from '../object-store.ts'
import { readColumns } from './columns.ts'

/** Row groups of merged files: readers hand them out to threads and skip them by their statistics. */
const GROUP_ROWS = 122_880

/** Files of one schema in one. */
export interface Merged {
  readonly inputs: readonly SilverFile[]
  readonly bytes: Buffer
}

/**
 * Puts files together, row for row, in their order; where the schema changes another file begins. Throws CUT_MISMATCH
 * naming an object that does not hold what its cut wrote: nothing altered is carried on.
 */
export async function mergeFiles(
  store: ObjectStore,
  topic: string,
  files: readonly SilverFile[],
): Promise<readonly Merged[]> {
  const merged: Merged[] = []
  let open: MergeWriter | undefined
  for (const file of files) {
    const columns = await checkedColumns(store, file)
    const shape = JSON.stringify(columns.schema)
    if (open?.shape !== shape) {
      if (open !== undefined) merged.push(await open.finish())
      open = new MergeWriter(topic, shape, columns.schema, columns.names)
    }
    await open.add(file, columns.rows)
  }
  if (open !== undefined) merged.push(await open.finish())
  return merged
}

/** A file's rows, once they add up to what was written. */
export async function checkedColumns(store: ObjectStore, { object, rows, hashSum }: SilverFile) {
  const doing = `rewriting ${object}`
  const bytes = await store.get(object)
  if (bytes === undefined) throw new KappaError('CUT_MISMATCH', `${doing}: the object is missing`)
  const columns = await readColumns(bytes).catch((cause: unknown) => {
    throw new KappaError('CUT_MISMATCH', doing, { cause })
  })
  let sum = 0n
  for (const { _hash } of columns.rows) sum = BigInt.asUintN(64, sum + (_hash as bigint))
  if (columns.rows.length !== rows || sum.toString() !== hashSum)
    throw new KappaError(
      'CUT_MISMATCH',
      `${doing}: ${columns.rows.length} of ${rows} rows, and not those that were written`,
    )
  return columns
}

/** Files of one schema become one. */
export class MergeWriter {
  readonly shape: string
  private readonly names: readonly string[]
  private readonly inputs: SilverFile[] = []
  private readonly writer = new ByteWriter()
  private readonly parquet: ParquetWriter
  private waiting: Readonly<Record<string, unknown>>[] = []

  constructor(topic: string, shape: string, schema: readonly SchemaElement[], names: readonly string[]) {
    this.shape = shape
    this.names = names
    this.parquet = new ParquetWriter({
      writer: this.writer,
      schema: [...schema],
      createdBy: 'kappa',
      kvMetadata: [{ key: 'kappa.topic', value: topic }],
    })
  }

  async add(file: SilverFile, rows: readonly Readonly<Record<string, unknown>>[]): Promise<void> {
    this.inputs.push(file)
    for (const row of rows) {
      this.waiting.push(row)
      if (this.waiting.length >= GROUP_ROWS) await this.flush()
    }
  }

  private async flush(): Promise<void> {
    const rows = this.waiting
    if (rows.length === 0) return
    this.waiting = []
    const columnData = this.names.map((name) => ({ name, data: rows.map((row) => row[name] ?? null) }))
    await this.parquet.write({ columnData, rowGroupSize: rows.length })
    await setImmediate()
  }

  async finish(): Promise<Merged> {
    await this.flush()
    await this.parquet.finish()
    return { inputs: this.inputs, bytes: Buffer.from(this.writer.getBuffer()) }
  }
}
