import {
  type FileMetaData,
  parquetMetadata,
  parquetReadObjects,
  parquetSchema,
  type SchemaElement,
  type SchemaTree,
} from 'hyparquet'

/** A Parquet file as it is stored: no value is turned into another type, so what is written again is what was read. */
export interface StoredColumns {
  readonly schema: readonly SchemaElement[]
  readonly names: readonly string[]
  readonly rows: readonly Readonly<Record<string, unknown>>[]
}

/** Reads a whole file. Throws what the reader throws where the bytes are not such a file. */
export async function readColumns(bytes: Buffer): Promise<StoredColumns> {
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer
  const written = parquetMetadata(file)
  const { schema } = written
  const metadata: FileMetaData = { ...written, schema: schema.map(unconverted) }
  const rows = await parquetReadObjects({ file, metadata, utf8: false })
  const { children } = parquetSchema(written)
  for (const column of children) {
    const { name } = column.element
    const restore = restorer(column)
    if (restore !== undefined) for (const row of rows) row[name] = restore(row[name])
  }
  return { schema, names: children.map(({ element }) => element.name), rows }
}

/** The reader would round decimals and make dates of instants. Text, lists, maps and unsigned numbers it reads without loss. */
function unconverted(element: SchemaElement): SchemaElement {
  const { converted_type, logical_type, ...plain } = element
  const kept =
    converted_type === 'UTF8' || converted_type === 'LIST' || converted_type === 'MAP' || converted_type === 'UINT_64'
  return kept ? element : plain
}

/** A decimal's unscaled value: two's complement, big endian (parquet-format, LogicalTypes.md). */
function unscaled(bytes: Uint8Array): bigint {
  let value = 0n
  for (const byte of bytes) value = (value << 8n) | BigInt(byte)
  return BigInt.asIntN(bytes.length * 8, value)
}

type Restore = (value: unknown) => unknown

/** Wide decimals come as bytes and are written by their value; undefined where a column has none. */
function restorer({ element, children }: SchemaTree): Restore | undefined {
  const [first] = children
  if (first === undefined)
    return element.converted_type === 'DECIMAL' && element.type !== 'INT64'
      ? (value) => (value instanceof Uint8Array ? unscaled(value) : value)
      : undefined
  if (element.converted_type === 'LIST') {
    const item = first.children[0] && restorer(first.children[0])
    return item && ((value) => (Array.isArray(value) ? value.map(item) : value))
  }
  if (element.converted_type === 'MAP') {
    const own = first.children[1] && restorer(first.children[1])
    return own && ((value) => mapped(value, () => own))
  }
  const members = new Map(children.map((child) => [child.element.name, restorer(child)]))
  if ([...members.values()].every((own) => own === undefined)) return undefined
  return (value) => mapped(value, (name) => members.get(name))
}

function mapped(value: unknown, restoreOf: (name: string) => Restore | undefined): unknown {
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, own]) => [name, restoreOf(name)?.(own) ?? own]))
}
