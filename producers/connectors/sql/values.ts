import { decimalOfText, type FieldType } from '#engine/schema'
import type { Cell, Column, ColumnKind } from './contract.ts'
import { instantIn, sinceMidnight, wallOf } from './moments.ts'

/** A cell that is no value of its field. */
export class Unreadable extends Error {}

/** The value of a cell that is not null. Throws Unreadable with the reason, which does not tell the cell. */
export type ValueOf = (cell: string | Buffer) => unknown

const DIGITS = { millis: 3, micros: 6, nanos: 9 } as const

/** Columns of which a field of a contract can be made with nothing lost, or a row refused where it would be. */
const FITS: Readonly<Partial<Record<FieldType['kind'], readonly ColumnKind[]>>> = {
  string: [
    'integer',
    'decimal',
    'single',
    'double',
    'text',
    'boolean',
    'uuid',
    'date',
    'time',
    'instant',
    'local-timestamp',
    'other',
  ],
  boolean: ['boolean', 'integer'],
  int: ['integer', 'decimal'],
  long: ['integer', 'decimal'],
  float: ['single'],
  double: ['single', 'double', 'integer'],
  decimal: ['decimal', 'integer', 'text'],
  timestamp: ['instant', 'local-timestamp', 'date'],
  'fine-timestamp': ['instant', 'local-timestamp', 'date'],
  'local-timestamp': ['local-timestamp'],
  date: ['date'],
  time: ['time'],
  uuid: ['uuid', 'text'],
  enum: ['text', 'other'],
  bytes: ['bytes'],
  fixed: ['bytes'],
}

/** What a column may lose by becoming a field; undefined: nothing. `truncate` accepts a loss of digits of seconds. */
export function misfit(type: FieldType, column: Column, truncate: boolean): string | undefined {
  if (!FITS[type.kind]?.includes(column.kind))
    return `column ${column.name} is ${column.type}, which is no ${type.kind}`
  const digits = digitsOf(type)
  if (digits === undefined || truncate || column.fraction <= digits) return undefined
  return `column ${column.name} has ${column.fraction} digits of the second, and the field ${digits}: name it in 'truncate' if they may go`
}

/** Digits of the second that a field keeps. */
function digitsOf(type: FieldType): number | undefined {
  switch (type.kind) {
    case 'timestamp':
      return DIGITS.millis
    case 'fine-timestamp':
    case 'local-timestamp':
    case 'time':
      return DIGITS[type.unit]
    default:
      return undefined
  }
}

/** How cells of a column become values of a field. */
export function reads(type: FieldType, column: Column, timeZone: string): ValueOf {
  const refuse = (why: string): never => {
    throw new Unreadable(`column ${column.name} ${why}`)
  }
  switch (type.kind) {
    case 'bytes':
    case 'fixed':
      return (cell) => cell
    case 'boolean':
      return (cell) => booleans.get(String(cell)) ?? refuse('is neither true nor false')
    case 'int':
      return (cell) => {
        const value = whole(cell)
        return value !== undefined && value >= -(2 ** 31) && value < 2 ** 31
          ? value
          : refuse('is no whole number of 32 bits')
      }
    case 'long':
      return (cell) => {
        const value = whole(cell)
        return value !== undefined && Math.abs(value) < 2 ** 52 ? value : refuse('is no whole number below 2^52')
      }
    case 'float':
    case 'double':
      return (cell) => {
        const value = Number(String(cell))
        const exact = column.kind !== 'integer' || String(BigInt(Math.trunc(value))) === String(cell)
        return Number.isFinite(value) && exact ? value : refuse('is no number that a double can hold')
      }
    case 'decimal':
      return (cell) => decimalOfText(String(cell), type.scale) ?? refuse(`is no number of ${type.scale} decimals`)
    case 'date':
      return (cell) => {
        const wall = wallOf(String(cell))
        return wall === undefined ? refuse('is no date') : Math.floor(wall.ms / 86_400_000)
      }
    case 'time': {
      const per = type.unit === 'millis' ? 1e6 : 1e3
      return (cell) => {
        const time = sinceMidnight(String(cell))
        return time === undefined ? refuse('is no time of day') : Math.floor(time.nanos / per)
      }
    }
    case 'timestamp':
    case 'fine-timestamp':
      return (cell) => {
        const wall = wallOf(String(cell))
        if (wall === undefined) return refuse('is no moment')
        const ms = column.kind === 'instant' ? wall.ms : instantIn(wall.ms, timeZone)
        if (ms === undefined) return refuse(`is a time that clocks in ${timeZone} do not show`)
        return type.kind === 'fine-timestamp' ? finer(ms, wall.nanos, type.unit) : ms
      }
    case 'local-timestamp':
      return (cell) => {
        const wall = wallOf(String(cell))
        if (wall === undefined) return refuse('is no moment')
        return type.unit === 'millis' ? wall.ms : finer(wall.ms, wall.nanos, type.unit)
      }
    default:
      return (cell) => String(cell)
  }
}

/** `t` and `f` are PostgreSQL's own. */
const booleans: ReadonlyMap<string, boolean> = new Map([
  ...(['t', 'true', '1'].map((text) => [text, true]) as [string, boolean][]),
  ...(['f', 'false', '0'].map((text) => [text, false]) as [string, boolean][]),
])

function whole(cell: Cell): number | undefined {
  const match = /^-?\d+(?:\.0+)?$/.test(String(cell))
  const value = Number(String(cell))
  return match && Number.isSafeInteger(value) ? value : undefined
}

const finer = (ms: number, nanos: number, unit: 'micros' | 'nanos' | 'millis'): bigint => {
  const inMs = nanos % 1_000_000
  return unit === 'nanos'
    ? BigInt(ms) * 1_000_000n + BigInt(inMs)
    : BigInt(ms) * 1_000n + BigInt(Math.floor(inMs / 1_000))
}
