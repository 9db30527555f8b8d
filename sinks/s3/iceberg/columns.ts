import type { AvroReader } from '../bronze/avro-reader.ts'
import type { AvroWriter } from '../bronze/avro-writer.ts'
import { optional } from './container.ts'

type Scalar = number | string | boolean

/** A field of an Avro record as the table spec numbers it, told once: its schema, how it is written and how it is read. */
export interface Column<T> {
  readonly schema: Readonly<Record<string, unknown>>
  write(writer: AvroWriter, row: T): void
  /** Takes the value into `into`, by the field's name. */
  read(reader: AvroReader, into: Map<string, unknown>): void
}

const number = {
  write: (writer: AvroWriter, value: Scalar) => writer.long(Number(value)),
  read: (reader: AvroReader) => reader.long(),
}
const CODECS = {
  int: number,
  long: number,
  string: {
    write: (writer: AvroWriter, value: Scalar) => writer.text(String(value)),
    read: (reader: AvroReader) => reader.text(),
  },
} as const
type Type = keyof typeof CODECS

export function column<T>(id: number, name: string, type: Type, of: (row: T) => Scalar): Column<T> {
  const codec = CODECS[type]
  return {
    schema: { name, type, 'field-id': id },
    write: (writer, row) => codec.write(writer, of(row)),
    read: (reader, into) => into.set(name, codec.read(reader)),
  }
}

/** @param shown the type as the schema has it, where it is more than the plain one */
export function nullable<T>(
  id: number,
  name: string,
  type: Type,
  of: (row: T) => Scalar | null,
  shown: unknown = type,
): Column<T> {
  const codec = CODECS[type]
  return {
    schema: { name, type: ['null', shown], default: null, 'field-id': id },
    write: (writer, row) => optional(writer, of(row), (value) => codec.write(writer, value)),
    read: (reader, into) =>
      into.set(
        name,
        reader.optional(() => codec.read(reader)),
      ),
  }
}

/** A record within a record: its fields follow one another in the bytes, and are read into the same map. */
export function group<T>(id: number, name: string, record: string, columns: readonly Column<T>[]): Column<T> {
  return {
    schema: { name, type: schemaOf(record, columns), 'field-id': id },
    write: (writer, row) => {
      for (const one of columns) one.write(writer, row)
    },
    read: (reader, into) => {
      for (const one of columns) one.read(reader, into)
    },
  }
}

export const schemaOf = <T>(name: string, columns: readonly Column<T>[]) => ({
  type: 'record',
  name,
  fields: columns.map(({ schema }) => schema),
})
