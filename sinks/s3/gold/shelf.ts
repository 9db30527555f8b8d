import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { ByteWriter, ParquetWriter } from 'hyparquet-writer'
import { KappaError } from '#engine/errors'
import { type Clock, systemClock } from '#engine/time'
import { filesNamed } from '../iceberg/entries.ts'
import { refreshFiles } from '../iceberg/refresh.ts'
import { unpartitioned } from '../iceberg/schema.ts'
import type { ObjectStore } from '../object-store.ts'
import { type GoldColumn, goldParquet, goldShape } from './column.ts'

/** A table of gold as it is written: `gold/<category>/<name>/`. */
export interface GoldTable {
  readonly name: string
  readonly category: string
  readonly columns: readonly GoldColumn[]
}

export interface GoldFile {
  readonly object: string
  readonly rows: number
  readonly bytes: number
  readonly sha256: string
}

/** What a table is in S3: these files, and whatever else its maker says of it. */
export interface GoldManifest {
  readonly table: string
  readonly category: string
  readonly owner: string
  readonly columns: readonly GoldColumn[]
  readonly rows: number
  readonly files: readonly GoldFile[]
}

const ROW_GROUP = 20_000
/** Rows of one file: what readers like, and what is held in memory. */
const FILE_ROWS = 500_000

/** How long files stay that the table had before: a reader, or a snapshot of the Iceberg table, may be at them. */
const GRACE_MS = 3_600_000

/**
 * Tables of gold as Parquet, and as an Iceberg table each (`iceberg/gold.<name>/`). Files are named by what they hold, so
 * that writing the same again changes nothing; a table's manifest is written behind all of its files and alone makes them
 * what the table is; the Iceberg table follows it.
 */
export class GoldShelf {
  private readonly store: ObjectStore
  private readonly clock: Clock
  private readonly graceMs: number

  constructor(
    store: ObjectStore,
    { clock = systemClock, graceMs = GRACE_MS }: { clock?: Clock; graceMs?: number } = {},
  ) {
    this.store = store
    this.clock = clock
    this.graceMs = graceMs
  }

  /** Writes rows as files that no manifest names yet. A table without rows has one file without rows: its columns are told. */
  async write(table: GoldTable, rows: AsyncIterable<readonly (readonly unknown[])[]>): Promise<readonly GoldFile[]> {
    const files: GoldFile[] = []
    let open = new OpenFile(table)
    for await (const batch of rows)
      for (const row of batch) {
        await open.add(row)
        if (open.rows < FILE_ROWS) continue
        files.push(await this.finish(table, open))
        open = new OpenFile(table)
      }
    if (open.rows > 0 || files.length === 0) files.push(await this.finish(table, open))
    return files
  }

  /**
   * Makes files what a table is: its manifest, then its Iceberg table; files of before are deleted by the export after their
   * grace. False where it was so already. Killed at any step, the next export ends it.
   */
  async publish(manifest: GoldManifest & Readonly<Record<string, unknown>>): Promise<boolean> {
    const { store, clock, graceMs } = this
    const { table, category, owner, columns, files } = manifest
    const folder = folderOf({ name: table, category })
    const key = `${folder}manifest.json`
    const before = await this.manifestAt(key)
    const changed = JSON.stringify(before?.files) !== JSON.stringify(files)
    if (changed) await store.put(key, Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`), 'application/json')
    const source = {
      name: `gold.${table}`,
      owner,
      columns: columns.map(goldShape),
      hidden: [],
      partitions: unpartitioned,
    }
    await refreshFiles({ store, clock, graceMs }, source, files)
    const named = new Set([...files.map(({ object }) => object), ...(await filesNamed(store, source.name))])
    const old = (await store.list(folder)).filter(
      ({ key, modified }) => key.endsWith('.parquet') && !named.has(key) && modified <= clock.now() - graceMs,
    )
    await store.delete(old.map(({ key }) => key))
    return changed
  }

  private async manifestAt(key: string): Promise<GoldManifest | undefined> {
    const text = await this.store.get(key)
    if (text === undefined) return undefined
    try {
      return JSON.parse(text.toString('utf8')) as GoldManifest
    } catch (cause) {
      throw new KappaError('STORE', `reading ${key}: not a manifest`, { cause })
    }
  }

  private async finish(table: GoldTable, file: OpenFile): Promise<GoldFile> {
    const bytes = await file.finish()
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    const object = `${folderOf(table)}${sha256.slice(0, 16)}.parquet`
    await this.store.put(object, bytes, 'application/vnd.apache.parquet')
    return { object, rows: file.rows, bytes: bytes.length, sha256 }
  }
}

const folderOf = ({ category, name }: Pick<GoldTable, 'category' | 'name'>): string => `gold/${category}/${name}/`

/** One Parquet file as its rows come. */
class OpenFile {
  rows = 0
  private readonly columns: readonly (ReturnType<typeof goldParquet> & { readonly name: string })[]
  private readonly writer = new ByteWriter()
  private readonly parquet: ParquetWriter
  private data: unknown[][]

  constructor({ name, columns }: GoldTable) {
    this.columns = columns.map((column) => ({ name: column.name, ...goldParquet(column) }))
    this.data = columns.map(() => [])
    this.parquet = new ParquetWriter({
      writer: this.writer,
      schema: [{ name: 'root', num_children: columns.length }, ...this.columns.flatMap(({ elements }) => elements)],
      createdBy: 'kappa',
      kvMetadata: [{ key: 'kappa.mart', value: name }],
    })
  }

  async add(row: readonly unknown[]): Promise<void> {
    for (const [i, { read }] of this.columns.entries()) this.data[i]?.push(read(row[i]))
    this.rows++
    if (this.rows % ROW_GROUP === 0) await this.flush()
  }

  async finish(): Promise<Buffer> {
    if ((this.data[0]?.length ?? 0) > 0) await this.flush()
    await this.parquet.finish()
    return Buffer.from(this.writer.getBuffer())
  }

  private async flush(): Promise<void> {
    const columnData = this.columns.map(({ name }, i) => ({ name, data: this.data[i] ?? [] }))
    this.data = this.columns.map(() => [])
    await this.parquet.write({ columnData, rowGroupSize: ROW_GROUP })
    await setImmediate()
  }
}
