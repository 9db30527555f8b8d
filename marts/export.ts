import { KappaError } from '#engine/errors'
import type { Clock } from '#engine/time'
import { type Category, GOLD, type Mart } from './mart.ts'
import type { StreamingWarehouse } from './warehouse.ts'

export interface ExportedFile {
  readonly object: string
  readonly rows: number
  readonly bytes: number
  readonly sha256: string
}

/** Where tables of gold are put as files, as `sinks/s3` opens it. */
export interface Shelf {
  /** Files that are not the table's yet. */
  write(
    table: { readonly name: string; readonly category: Category; readonly columns: Mart['columns'] },
    rows: AsyncIterable<readonly (readonly unknown[])[]>,
  ): Promise<readonly ExportedFile[]>
  /** Makes them so; false where they were. */
  publish(
    manifest: {
      readonly table: string
      readonly category: Category
      readonly owner: string
      readonly columns: readonly Pick<Mart['columns'][number], 'name' | 'type' | 'doc'>[]
      readonly rows: number
      readonly files: readonly ExportedFile[]
    } & Readonly<Record<string, unknown>>,
  ): Promise<boolean>
}

export interface ExportOptions {
  readonly warehouse: StreamingWarehouse
  readonly shelf: Shelf
  readonly marts: readonly Mart[]
  readonly clock: Clock
  readonly onWritten?: (written: { readonly mart: string; readonly rows: number; readonly files: number }) => void
}

export interface Exported {
  readonly mart: string
  readonly category: Category
  readonly rows: number
  readonly bytes: number
  readonly files: readonly ExportedFile[]
  /** False where S3 had the same already. */
  readonly changed: boolean
}

const TRIES = 3

/**
 * Puts marts into S3: every table's files, then, where no build came in between, every table's manifest. Rows are in one
 * order, so the same table gives the same files. Throws BLOCKED (retriable) where builds keep coming in between.
 */
export async function exportMarts(options: ExportOptions): Promise<readonly Exported[]> {
  const { warehouse, shelf, marts, clock } = options
  for (let tries = 1; tries <= TRIES; tries++) {
    const before = await stampOf(warehouse, marts)
    const written = new Map<Mart, readonly ExportedFile[]>()
    for (const mart of marts) written.set(mart, await writeMart(mart, options))
    if ((await stampOf(warehouse, marts)) !== before) continue
    const exportedAt = new Date(clock.now()).toISOString()
    const done: Exported[] = []
    for (const [mart, files] of written) {
      const { name, category, description, grain, owner, english } = mart
      const rows = files.reduce((sum, file) => sum + file.rows, 0)
      const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
      const columns = mart.columns.map(({ name, type, english, doc }) => ({ name, type, english, doc }))
      const about = { table: name, category, description, grain, owner, english, columns, exportedAt }
      const changed = await shelf.publish({ ...about, rows, files })
      done.push({ mart: name, category, rows, bytes, files, changed })
    }
    return done
  }
  throw new KappaError('BLOCKED', 'exporting marts: they are built anew all the time', { retriable: true })
}

async function writeMart(mart: Mart, { warehouse, shelf, onWritten }: ExportOptions): Promise<readonly ExportedFile[]> {
  const columns = mart.columns.map(({ name }) => `\`${name}\``).join(', ')
  const doing = `exporting ${GOLD}.${mart.name}`
  const rows = warehouse.stream(`SELECT ${columns} FROM ${GOLD}.${mart.name} ORDER BY ALL`, doing)
  const files = await shelf.write(mart, rows)
  onWritten?.({ mart: mart.name, rows: files.reduce((sum, file) => sum + file.rows, 0), files: files.length })
  return files
}

/** Which tables the names lead to now. Throws STORE naming a mart that was never built. */
async function stampOf(warehouse: StreamingWarehouse, marts: readonly Mart[]): Promise<string> {
  const names = marts.map(({ name }) => `'${name}'`).join(', ')
  const found = await warehouse.rows(
    `SELECT name, toString(uuid) AS uuid FROM system.tables WHERE database = '${GOLD}' AND name IN (${names}) ORDER BY name`,
    'looking for marts',
  )
  const there = new Set(found.map(({ name }) => String(name)))
  const missing = marts.filter(({ name }) => !there.has(name)).map(({ name }) => name)
  if (missing.length > 0)
    throw new KappaError('STORE', `exporting marts: ${missing.join(', ')} was never built (kappa marts build)`)
  return JSON.stringify(found)
}
