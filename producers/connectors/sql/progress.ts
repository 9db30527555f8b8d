import { z } from 'zod'
import { KappaError } from '#engine/errors'
import type { Checkpoints } from '#engine/ingest'

/** How far a table is read: written in the transaction of the rows that it speaks of. */
const markShape = z.object({
  /** By what it was read: other columns begin anew. */
  by: z.array(z.string()),
  /** The values of these in the last row, as the database writes them. */
  at: z.array(z.string()),
  /** Since the beginning. */
  rows: z.number(),
  written: z.number(),
  deadLettered: z.number(),
})
export type MarkAt = z.infer<typeof markShape>

const sweptShape = z.object({
  /** Milliseconds. */
  at: z.number(),
  /** Rows that the table had. */
  rows: z.number(),
  /** Deletions told since the beginning. */
  deleted: z.number(),
})
export type SweptAt = z.infer<typeof sweptShape>

const keysShape = z.array(z.string())

/** Under what name a source's checkpoints are, and its events' origins: `kappa verify --source` counts by it. */
export const checkpointName = ({ name }: { readonly name: string }): string => `sql-${name}`

/** What is known of one table, in the checkpoints of its source. */
export class TableProgress {
  private readonly known: ReadonlyMap<string, unknown>
  private readonly table: string

  constructor({ known }: Pick<Checkpoints, 'known'>, table: string) {
    this.known = known
    this.table = table
  }

  readonly markKey = (): string => `mark|${this.table}`
  readonly sweptKey = (): string => `swept|${this.table}`
  /** Keys of a bucket as of the last comparison. */
  readonly bucketKey = (bucket: number): string => `keys|${this.table}|${bucket}`
  /** Keys of rows that were read after it. */
  readonly seenKey = (number: number): string => `seen|${this.table}|${number}`

  mark(): MarkAt | undefined {
    return this.read(this.markKey(), markShape)
  }

  swept(): SweptAt | undefined {
    return this.read(this.sweptKey(), sweptShape)
  }

  bucket(bucket: number): readonly string[] {
    return this.read(this.bucketKey(bucket), keysShape) ?? []
  }

  /** Names and keys of what was read since the last comparison. */
  seen(): ReadonlyMap<string, readonly string[]> {
    const prefix = `seen|${this.table}|`
    const names = [...this.known.keys()].filter((name) => name.startsWith(prefix))
    return new Map(names.map((name) => [name, this.read(name, keysShape) ?? []]))
  }

  private read<T>(key: string, shape: z.ZodType<T>): T | undefined {
    const value = this.known.get(key)
    if (value === undefined) return undefined
    const parsed = shape.safeParse(value)
    if (parsed.success) return parsed.data
    throw new KappaError('STATE_MISMATCH', `reading the checkpoint ${key}: ${parsed.error.issues[0]?.message}`)
  }
}
