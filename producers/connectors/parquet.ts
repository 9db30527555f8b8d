import { asyncBufferFromFile, parquetMetadataAsync, parquetRead, parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { KappaError } from '#engine/errors'

/** Columns of numbers, by name; the value of row `i` is at index `i`. */
export interface NumberColumns<C extends string> {
  readonly rows: number
  readonly columns: Readonly<Record<C, Float64Array>>
}

/**
 * Numeric columns of a Parquet file: eight bytes a value, one column decoded at a time, so that memory is bounded by what
 * is asked for. Timestamps are milliseconds since 1970; null, and an integer too large to be exact, are NaN.
 * Throws CONFIG_INVALID naming file and column where the file has no such column of numbers.
 */
export async function parquetNumbers<C extends string>(path: string, names: readonly C[]): Promise<NumberColumns<C>> {
  const { file, metadata } = await open(path)
  const rows = Number(metadata.num_rows)
  const columns = {} as Record<C, Float64Array>
  for (const name of names) {
    requireColumn(path, metadata.schema, name)
    const column = new Float64Array(rows).fill(Number.NaN)
    await parquetRead({
      file,
      metadata,
      compressors,
      columns: [name],
      onChunk: ({ columnData, rowStart }) => {
        for (let i = 0; i < columnData.length; i++) column[rowStart + i] = numberOf(columnData[i])
      },
    })
    columns[name] = column
  }
  return { rows, columns }
}

function numberOf(value: unknown): number {
  if (typeof value === 'number') return value
  if (value instanceof Date) return value.getTime()
  const exact = typeof value === 'bigint' ? Number(value) : Number.NaN
  return Number.isSafeInteger(exact) ? exact : Number.NaN
}

/** Every row of a small Parquet file as an object. */
export async function parquetRows(path: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { file, metadata } = await open(path)
  return parquetReadObjects({ file, metadata, compressors })
}

async function open(path: string) {
  try {
    const file = await asyncBufferFromFile(path)
    return { file, metadata: await parquetMetadataAsync(file) }
  } catch (cause) {
    throw new KappaError('CONFIG_INVALID', `reading ${path} as Parquet`, { cause })
  }
}

function requireColumn(path: string, schema: readonly { readonly name: string }[], name: string): void {
  if (!schema.some((element) => element.name === name))
    throw new KappaError('CONFIG_INVALID', `reading ${path}: it has no column ${name}`)
}
