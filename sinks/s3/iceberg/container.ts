import { createHash } from 'node:crypto'
import { AvroReader } from '../bronze/avro-reader.ts'
import { AvroWriter } from '../bronze/avro-writer.ts'

const MAGIC = Buffer.from('Obj\u0001', 'latin1')

/** An Avro object container file (specification 1.12) of one uncompressed block. The same rows give the same bytes. */
export function containerFile<T>(
  schema: unknown,
  metadata: Readonly<Record<string, string>>,
  rows: readonly T[],
  write: (writer: AvroWriter, row: T) => void,
): Buffer {
  const block = new AvroWriter()
  for (const row of rows) write(block, row)
  const body = block.take()
  const sync = createHash('sha256').update(body).digest().subarray(0, 16)
  const writer = new AvroWriter()
  const all = { 'avro.schema': JSON.stringify(schema), 'avro.codec': 'null', ...metadata }
  writer.raw(MAGIC)
  writer.long(Object.keys(all).length)
  for (const [name, value] of Object.entries(all)) {
    writer.text(name)
    writer.text(value)
  }
  writer.long(0)
  writer.raw(sync)
  if (rows.length > 0) {
    writer.long(rows.length)
    writer.bytes(body)
    writer.raw(sync)
  }
  return writer.take()
}

/** The rows of a file that `containerFile` wrote with the same fields. */
export function readContainer<T>(file: Buffer, read: (reader: AvroReader) => T): readonly T[] {
  const reader = new AvroReader(file)
  if (!reader.raw(MAGIC.length).equals(MAGIC)) throw new Error('not an Avro object container file')
  reader.map(() => reader.bytes())
  reader.raw(16)
  const rows: T[] = []
  while (!reader.atEnd) {
    const count = reader.long()
    const block = new AvroReader(reader.bytes())
    for (let i = 0; i < count; i++) rows.push(read(block))
    reader.raw(16)
  }
  return rows
}

/** A nullable value: null first. */
export function optional<T>(writer: AvroWriter, value: T | null, write: (value: T) => void): void {
  writer.long(value === null ? 0 : 1)
  if (value !== null) write(value)
}
