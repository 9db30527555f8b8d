import type { Composite, FieldType } from '#engine/schema'
import type { Bytes } from './bytes.ts'

/** How values of one ClickHouse type that holds no other are sent. */
export interface Scalar {
  /** The type sent: plain where the table's is LowCardinality; ClickHouse converts. */
  readonly sent: string
  /** What stands where there is no value. */
  readonly zero: unknown
  put(data: Bytes, value: unknown): void
}

export type ScalarType = Exclude<FieldType, Composite>

/** Bytes of a decimal in ClickHouse; contracts reach 38 digits at most in Avro's practice, ClickHouse 76. */
export const decimalWidth = (precision: number): 8 | 16 | 32 => (precision <= 18 ? 8 : precision <= 38 ? 16 : 32)

export function scalar(type: ScalarType): Scalar {
  switch (type.kind) {
    case 'string':
    case 'enum':
      return { sent: 'String', zero: '', put: (data, value) => data.text(value as string) }
    case 'bytes':
      return { sent: 'String', zero: Buffer.alloc(0), put: (data, value) => data.blob(value as Uint8Array) }
    case 'fixed':
      return {
        sent: `FixedString(${type.size})`,
        zero: Buffer.alloc(type.size),
        put: (data, value) => data.raw(value as Uint8Array),
      }
    case 'boolean':
      return { sent: 'Bool', zero: false, put: (data, value) => data.u8(value === true ? 1 : 0) }
    case 'int':
      return { sent: 'Int32', zero: 0, put: (data, value) => data.u32(value as number) }
    case 'date':
      return { sent: 'Date32', zero: 0, put: (data, value) => data.u32(value as number) }
    case 'long':
      return { sent: 'Int64', zero: 0, put: (data, value) => data.i64(value as number) }
    case 'time':
      return type.unit === 'millis'
        ? { sent: 'Int32', zero: 0, put: (data, value) => data.u32(value as number) }
        : { sent: 'Int64', zero: 0, put: (data, value) => data.i64(value as number) }
    case 'timestamp':
      return { sent: "DateTime64(3, 'UTC')", zero: 0, put: (data, value) => data.i64(value as number) }
    case 'local-timestamp':
      if (type.unit === 'millis')
        return { sent: "DateTime64(3, 'UTC')", zero: 0, put: (data, value) => data.i64(value as number) }
      return fine(type.unit)
    case 'fine-timestamp':
      return fine(type.unit)
    case 'float':
      return { sent: 'Float32', zero: 0, put: (data, value) => data.f32(value as number) }
    case 'double':
      return { sent: 'Float64', zero: 0, put: (data, value) => data.f64(value as number) }
    case 'uuid':
      return { sent: 'UUID', zero: '', put: (data, value) => data.raw(uuidBytes(value as string)) }
    case 'decimal': {
      const width = decimalWidth(type.precision)
      // Up to 9 digits ClickHouse keeps 4 bytes; Decimal(18, s) is sent instead and converted exactly.
      const sent = `Decimal(${Math.max(type.precision, 18)}, ${type.scale})`
      return { sent, zero: 0n, put: (data, value) => data.wide(value as bigint, width) }
    }
  }
}

const fine = (unit: 'micros' | 'nanos'): Scalar => ({
  sent: `DateTime64(${unit === 'micros' ? 6 : 9}, 'UTC')`,
  zero: 0n,
  put: (data, value) => data.wide(value as bigint, 8),
})

/** Two halves of 64 bit, the upper one first, each little endian; no text is the UUID of zeros. */
function uuidBytes(text: string): Buffer {
  const bytes = Buffer.from(text.replaceAll('-', '').padEnd(32, '0'), 'hex')
  bytes.subarray(0, 8).reverse()
  bytes.subarray(8).reverse()
  return bytes
}
