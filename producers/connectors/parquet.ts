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

/** Which rows: from the one with index `from` on, and none from `to` on. */
export interface RowRange {
  readonly from: number
  readonly to: number
}

/** How many rows a Parquet file has. */
export const parquetRowCount = async (path: string): Promise<number> => Number((await open(path)).metadata.num_rows)

/**
 * A column of whole numbers of 32 bits, for files of many million rows: four bytes a value; null, and what is no such number,
 * is `NO_INTEGER`. Throws CONFIG_INVALID where there is no such column.
 */
export async function parquetIntegers(path: string, name: string, range?: RowRange): Promise<Int32Array> {
  const { from, to } = range ?? { from: 0, to: await parquetRowCount(path) }
  const values = new Int32Array(Math.max(0, to - from)).fill(NO_INTEGER)
  await eachValue(path, name, { from, to }, (value, index) => {
    const number = numberOf(value)
    if (Number.isInteger(number) && Math.abs(number) < -NO_INTEGER) values[index] = number
  })
  return values
}

export const NO_INTEGER = -2_147_483_648

/** A column of few different texts: which of them each row has. Null is the empty text. */
export interface TextColumn {
  readonly texts: readonly string[]
  /** Index in `texts`, by row. */
  readonly codes: Uint16Array
}

/** Throws CONFIG_INVALID where there is no such column, or where it has more than 65,536 different texts. */
export async function parquetTexts(path: string, name: string, range?: RowRange): Promise<TextColumn> {
  const { from, to } = range ?? { from: 0, to: await parquetRowCount(path) }
  const codes = new Uint16Array(Math.max(0, to - from))
  const known = new Map<string, number>()
  await eachValue(path, name, { from, to }, (value, index) => {
    const text = value === null || value === undefined ? '' : String(value)
    let code = known.get(text)
    if (code === undefined) {
      code = known.size
      if (code > 0xffff) throw new KappaError('CONFIG_INVALID', `reading ${path}: ${name} has too many different texts`)
      known.set(text, code)
    }
    codes[index] = code
  })
  return { texts: [...known.keys()], codes }
}

async function eachValue(
  path: string,
  name: string,
  { from, to }: RowRange,
  take: (value: unknown, index: number) => void,
): Promise<void> {
  const { file, metadata } = await open(path)
  requireColumn(path, metadata.schema, name)
  if (to <= from) return
  await parquetRead({
    ...{ file, metadata, compressors, columns: [name], rowStart: from, rowEnd: to },
    onChunk: ({ columnData, rowStart }) => {
      for (let i = 0; i < columnData.length; i++) {
        const index = rowStart + i - from
        if (index >= 0 && index < to - from) take(columnData[i], index)
      }
    },
  })
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
