import type { ContractField, FieldType } from '#engine/schema'
import type { AggregateColumn } from './aggregates.ts'

const LONG: FieldType = { kind: 'long' }
const DOUBLE: FieldType = { kind: 'double' }
const listOf = (items: FieldType): FieldType => ({ kind: 'array', items })

/** What an aggregate yields, from the type of the field it reads; undefined where a function made the one or the other. */
export function resultType(column: AggregateColumn, type: FieldType | undefined): FieldType | undefined {
  switch (column.kind) {
    case 'count':
    case 'distinct':
    case 'approximate distinct':
      return LONG
    case 'mean':
    case 'variance':
    case 'standard deviation':
      return DOUBLE
    case 'quantiles':
      return column.yields === 'one' ? DOUBLE : listOf(DOUBLE)
    case 'top k':
      if (column.yields === 'counts') return listOf(LONG)
      return type && listOf(type)
    case 'collect':
      return type && listOf(type)
    case 'fold':
      return undefined
    default:
      return type
  }
}

const INTEGERS: readonly string[] = ['int', 'long', 'timestamp', 'date']

/** True where every value of one type can be written as another: integers as doubles, symbols of an enum as text. */
function fits(type: FieldType, target: FieldType): boolean {
  if (type.kind === 'array') return target.kind === 'array' && fits(type.items, target.items)
  if (type.kind === 'decimal') return target.kind === 'decimal' && type.scale === target.scale
  if (type.kind === 'enum') {
    if (target.kind !== 'enum') return target.kind === 'string'
    return type.symbols.every((symbol) => target.symbols.includes(symbol))
  }
  if (INTEGERS.includes(type.kind)) return INTEGERS.includes(target.kind) || target.kind === 'double'
  // Records, maps and unions keep their shape or are another type.
  return type.kind === target.kind && JSON.stringify(type) === JSON.stringify(target)
}

/** Why a result cannot be written into a column; undefined where it can. */
export function misfitOf(column: AggregateColumn, type: FieldType | undefined, target: ContractField) {
  const result = resultType(column, type)
  if (result !== undefined && !fits(result, target.type)) return `${told(result)} into ${told(target.type)}`
  const spread = column.kind === 'variance' || column.kind === 'standard deviation'
  if (spread && !target.nullable) return 'null (too few values) into a column that is not nullable'
  return undefined
}

function told(type: FieldType): string {
  if (type.kind === 'array') return `a list of ${told(type.items)}`
  return type.kind === 'decimal' ? `decimal(${type.precision}, ${type.scale})` : type.kind
}
