import type { Contract, FieldType } from './contract.ts'
import type { WireCursor } from './wire.ts'

type Step = (from: WireCursor) => void

/**
 * Reads one `timestamp-millis` of values written with a contract, and nothing else: the other fields are passed over in the
 * bytes. The walk fails (`WireCursor.failed`, or not `isWhole`) wherever the decoder might say something else. Undefined where
 * the contract has no such field, or one that is not passed over (lists, maps, unions of several types).
 */
export function timeReader(writer: Contract, name: string): ((from: WireCursor) => number) | undefined {
  const at = writer.fields.findIndex((field) => field.name === name)
  const time = writer.fields[at]
  if (time === undefined || time.nullable || time.type.kind !== 'timestamp') return undefined
  const passes = writer.fields.map(({ type, nullable }) => passOf(type, nullable))
  const before = passes.slice(0, at).filter((pass) => pass !== undefined)
  const behind = passes.slice(at + 1).filter((pass) => pass !== undefined)
  if (before.length + behind.length + 1 < passes.length) return undefined
  return (from) => {
    for (const pass of before) pass(from)
    from.long()
    // Longs of the decoder have less than 52 bits.
    if (from.high >= 0x10_0000 || from.high <= -0x10_0000) from.failed = true
    const value = from.number
    for (const pass of behind) pass(from)
    return value
  }
}

const text: Step = (from) => {
  from.pass(from.size())
}
const long: Step = (from) => from.long()
const int: Step = (from) => {
  from.int()
}
const bytes =
  (size: number): Step =>
  (from) => {
    from.pass(size)
  }

function passOf(type: FieldType, nullable: boolean): Step | undefined {
  const pass = plainPass(type)
  if (pass === undefined || !nullable) return pass
  return (from) => {
    const branch = from.int()
    if (branch === 1) pass(from)
    else if (branch !== 0) from.failed = true
  }
}

function plainPass(type: FieldType): Step | undefined {
  switch (type.kind) {
    case 'string':
    case 'bytes':
    case 'uuid':
      return text
    case 'boolean':
      return bytes(1)
    case 'int':
    case 'date':
    case 'enum':
      return int
    case 'long':
    case 'timestamp':
    case 'fine-timestamp':
    case 'local-timestamp':
      return long
    case 'time':
      return type.unit === 'millis' ? int : long
    case 'float':
      return bytes(4)
    case 'double':
      return bytes(8)
    case 'fixed':
      return bytes(type.size)
    case 'duration':
      return bytes(12)
    case 'decimal':
      return type.size === undefined ? text : bytes(type.size)
    case 'record': {
      const passes = type.fields.map((field) => passOf(field.type, field.nullable))
      const all = passes.filter((pass) => pass !== undefined)
      if (all.length < passes.length) return undefined
      return (from) => {
        for (const pass of all) pass(from)
      }
    }
    default:
      return undefined
  }
}
