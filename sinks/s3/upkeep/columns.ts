import { type FileMetaData, parquetMetadata, parquetReadObjects, type SchemaElement } from 'hyparquet'

/** A Parquet file as it is stored: no value is turned into another type, so what is written again is what was read. */
export interface StoredColumns {
  readonly schema: readonly SchemaElement[]
  readonly names: readonly string[]
  readonly rows: readonly Readonly<Record<string, unknown>>[]
}

/** Reads a whole file. Throws what the reader throws where the bytes are not such a file. */
export async function readColumns(bytes: Buffer): Promise<StoredColumns> {
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer
  const { schema, ...rest } = parquetMetadata(file)
  const metadata: FileMetaData = { ...rest, schema: schema.map(unconverted) }
  const rows = await parquetReadObjects({ file, metadata, utf8: false })
  const decimals = schema.filter(({ type, converted_type }) => converted_type === 'DECIMAL' && type !== 'INT64')
  for (const row of rows)
    for (const { name } of decimals) if (row[name] instanceof Uint8Array) row[name] = unscaled(row[name])
  return { schema, names: topLevel(schema), rows }
}

/** The reader would round decimals and make dates of instants. Text, lists and unsigned numbers it reads without loss. */
function unconverted(element: SchemaElement): SchemaElement {
  const { converted_type, logical_type, ...plain } = element
  const kept = converted_type === 'UTF8' || converted_type === 'LIST' || converted_type === 'UINT_64'
  return kept ? element : plain
}

/** A decimal's unscaled value: two's complement, big endian (parquet-format, LogicalTypes.md). */
function unscaled(bytes: Uint8Array): bigint {
  let value = 0n
  for (const byte of bytes) value = (value << 8n) | BigInt(byte)
  return BigInt.asIntN(bytes.length * 8, value)
}

/** The children of the root, which come in depth-first order. */
function topLevel(schema: readonly SchemaElement[]): string[] {
  const names: string[] = []
  const skip = (at: number): number => {
    let next = at + 1
    for (let i = 0; i < (schema[at]?.num_children ?? 0); i++) next = skip(next)
    return next
  }
  for (let at = 1; at < schema.length; at = skip(at)) names.push(schema[at]?.name ?? '')
  return names
}
