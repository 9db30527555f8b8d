import { BRANCH, type ContractField, type FieldType } from '#engine/schema'
import type { ScalarType } from './scalar.ts'

/** Walks ClickHouse's RowBinary; throws RangeError where the bytes end too early. */
export class RowBinary {
  private readonly buffer: Buffer
  private at = 0

  constructor(buffer: Buffer) {
    this.buffer = buffer
  }

  get atEnd(): boolean {
    return this.at >= this.buffer.length
  }

  raw(length: number): Buffer {
    const end = this.at + length
    if (end > this.buffer.length) throw new RangeError('the bytes end within a value')
    const part = this.buffer.subarray(this.at, end)
    this.at = end
    return part
  }

  varint(): number {
    let value = 0
    for (let unit = 1; ; unit *= 128) {
      const byte = this.raw(1)[0] ?? 0
      value += (byte & 0x7f) * unit
      if (byte < 0x80) return value
    }
  }

  blob(): Buffer {
    return this.raw(this.varint())
  }

  wide(width: number): bigint {
    const bytes = this.raw(width)
    let value = 0n
    for (let i = width - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] ?? 0)
    return BigInt.asIntN(8 * width, value)
  }
}

export type ReadValue = (bytes: RowBinary) => unknown

/** The inverse of `writerOf`: a field's value as the topic's decoder gives it, from its column in RowBinary. */
export const readerOf = ({ type, nullable }: Pick<ContractField, 'type' | 'nullable'>): ReadValue =>
  reader(type, nullable, false)

function reader(type: FieldType, nullable: boolean, absent: boolean): ReadValue {
  switch (type.kind) {
    case 'array': {
      const item = reader(type.items, type.nullableItems === true, false)
      return presentIf(nullable, (bytes) => Array.from({ length: bytes.varint() }, () => item(bytes)))
    }
    case 'map': {
      const own = reader(type.values, type.nullableValues === true, false)
      return presentIf(nullable, (bytes) => {
        const entries = Array.from(
          { length: bytes.varint() },
          () => [bytes.blob().toString('utf8'), own(bytes)] as const,
        )
        return Object.fromEntries(entries)
      })
    }
    case 'record': {
      const fields = type.fields.map(
        (field) => [field.name, reader(field.type, field.nullable, absent || nullable)] as const,
      )
      return presentIf(nullable, groupOf(fields))
    }
    case 'duration': {
      const count: ReadValue = (bytes) => bytes.raw(4).readUInt32LE()
      const own = absent || nullable ? nullableOf(count) : count
      return presentIf(nullable, groupOf(['months', 'days', 'milliseconds'].map((name) => [name, own] as const)))
    }
    case 'union': {
      const read = groupOf([
        [BRANCH, (bytes) => bytes.blob().toString('utf8')],
        ...type.branches.map((branch) => [branch.member, reader(branch.type, true, true)] as const),
      ])
      return (bytes) => {
        const group = read(bytes)
        const branch = type.branches.find(({ member }) => member === group[BRANCH])
        return branch === undefined ? null : { [branch.name]: group[branch.member] }
      }
    }
    default:
      return nullable || absent ? nullableOf(scalarReader(type)) : scalarReader(type)
  }
}

const nullableOf =
  (read: ReadValue): ReadValue =>
  (bytes) =>
    bytes.raw(1)[0] === 1 ? null : read(bytes)

/** What is absent is read all the same: its elements are there, and hold nothing. */
function presentIf(nullable: boolean, read: ReadValue): ReadValue {
  if (!nullable) return read
  return (bytes) => {
    const present = bytes.raw(1)[0] === 1
    const value = read(bytes)
    return present ? value : null
  }
}

const groupOf =
  (members: readonly (readonly [string, ReadValue])[]) =>
  (bytes: RowBinary): Record<string, unknown> =>
    Object.fromEntries(members.map(([name, read]) => [name, read(bytes)]))

function scalarReader(type: ScalarType): ReadValue {
  switch (type.kind) {
    case 'string':
    case 'enum':
      return (bytes) => bytes.blob().toString('utf8')
    case 'bytes':
      return (bytes) => bytes.blob()
    case 'fixed':
      return (bytes) => bytes.raw(type.size)
    case 'boolean':
      return (bytes) => bytes.raw(1)[0] === 1
    case 'int':
    case 'date':
      return (bytes) => bytes.raw(4).readInt32LE()
    case 'time':
      return type.unit === 'millis' ? (bytes) => bytes.raw(4).readInt32LE() : (bytes) => Number(bytes.wide(8))
    case 'long':
    case 'timestamp':
      return (bytes) => Number(bytes.wide(8))
    case 'local-timestamp':
      return type.unit === 'millis' ? (bytes) => Number(bytes.wide(8)) : (bytes) => bytes.wide(8)
    case 'fine-timestamp':
      return (bytes) => bytes.wide(8)
    case 'float':
      return (bytes) => bytes.raw(4).readFloatLE()
    case 'double':
      return (bytes) => bytes.raw(8).readDoubleLE()
    case 'uuid':
      return (bytes) => uuidText(bytes.raw(16))
    case 'decimal': {
      const { precision } = type
      const width = precision <= 9 ? 4 : precision <= 18 ? 8 : precision <= 38 ? 16 : 32
      return (bytes) => bytes.wide(width)
    }
  }
}

/** Two halves of 64 bit, the upper one first, each little endian. */
function uuidText(bytes: Buffer): string {
  const hex = Buffer.concat([Buffer.from(bytes.subarray(0, 8)).reverse(), Buffer.from(bytes.subarray(8)).reverse()])
  return hex.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
