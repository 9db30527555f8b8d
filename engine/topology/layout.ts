import { createHash } from 'node:crypto'
import type { AnyTopic, FieldType } from '#engine/schema'
import type { AggregateColumn } from './aggregates.ts'
import { needsRekey } from './check.ts'
import { orderGrace } from './check-order.ts'
import { columnType } from './column-type.ts'
import { columnsWanted, duplicatesOf, holdsAt, joinsOf, wantedBehind } from './demand.ts'
import { typeBehind } from './lineage.ts'
import type { InputPlan, Plan, TablesOperator } from './plan.ts'
import type { Window } from './windows.ts'
import { aggregateText, optionTexts, windowText } from './words.ts'

/**
 * How a processor's state is laid out, part by part: what has to be the same for stored state to be read on. It is kept
 * beside the state, as plain JSON values: whoever changes what is written here refuses every state there is (a test pins
 * it). What a filter, a `map` or an author's function does is not in it: they may change.
 */
export type StateLayout = Readonly<Record<string, unknown>>

export function layoutOf(plan: Plan): StateLayout {
  const { operator, keyBy } = plan
  const parts: Record<string, unknown> = {}
  for (const { table, select } of joinsOf(plan))
    parts[`table ${table.topic.name}`] = {
      key: table.topic.contract.topic.key.map((field) => [field, fieldText(table.topic, field)]),
      fields: Object.values(select).map((field) => [field, fieldText(table.topic, field)]),
    }
  for (const { by, withinMs } of duplicatesOf(plan)) parts[`deduplication by ${by.join(', ')}`] = { withinMs }
  for (const input of plan.inputs) Object.assign(parts, heldRows(plan, input))
  if (operator?.kind === 'tables') return { ...parts, ...rowsOfTables(plan, operator) }
  if (operator === undefined || keyBy === undefined) return parts
  parts.key = keyBy.map((field) => [field, typeText(columnType(plan, field))])
  parts.stages = needsRekey(plan) ? 2 : 1
  const graceMs = orderGrace(operator)
  if (graceMs !== undefined)
    parts['rows in order'] = {
      graceMs,
      kept: columnsWanted(plan).map((column) => [column, typeText(columnType(plan, column))]),
    }
  if (operator.kind === 'stateful') {
    parts.operator = operator.name
    parts.state = shapeOf(initially(operator.initial))
    return parts
  }
  parts.window = plainOf(operator.window)
  parts.aggregates = Object.keys(operator.columns)
  for (const [name, column] of Object.entries(operator.columns))
    parts[`aggregate ${name}`] = {
      ...plainOf(column),
      ...(column.kind === 'fold' ? { initial: shapeOf(initially(column.initial)) } : {}),
      type: summandText(plan, name, column),
    }
  return parts
}

/** The rows of two joined tables. */
function rowsOfTables(plan: Plan, { join, select }: TablesOperator): Record<string, unknown> {
  const rows = plan.inputs.map((input) => [
    `rows of ${input.topic.name}`,
    [...wantedBehind(plan, input, 0)].map((field) => [field, fieldText(input.topic, field)]),
  ])
  return { 'join of tables': { join, select }, ...Object.fromEntries(rows) }
}

/** Rows that wait for a join: how long, and which of their columns are kept. */
function heldRows(plan: Plan, input: InputPlan): Record<string, unknown> {
  const at = holdsAt(input)
  const step = input.steps[at]
  if (step?.kind !== 'within' && step?.kind !== 'join') return {}
  const { join, graceMs } = step.kind === 'within' ? step.within : step
  const interval = step.kind === 'within' ? { beforeMs: step.within.beforeMs, afterMs: step.within.afterMs } : {}
  const kept = [...wantedBehind(plan, input, at)].map((column) => [column, typeText(typeBehind(input, at, column))])
  return { [`held rows of ${input.topic.name}`]: { join, ...interval, graceMs, kept } }
}

/** Twelve hexadecimal digits that change whenever a layout does. */
export const layoutDigest = (layout: StateLayout): string =>
  createHash('sha256').update(canonical(layout)).digest('hex').slice(0, 12)

/** What differs, one sentence a part; empty where state of `stored` fits `wanted`. */
export function layoutDifferences(stored: StateLayout, wanted: StateLayout): readonly string[] {
  const names = [...new Set([...Object.keys(stored), ...Object.keys(wanted)])]
  const differing = names.filter((name) => canonical(stored[name]) !== canonical(wanted[name]))
  // That an aggregate came or went is told once, by its name.
  const told = differing.filter(
    (name) => name !== 'aggregates' || differing.every((other) => !/^aggregate /.test(other)),
  )
  return told.map((name) => `its ${name} was ${inWords(name, stored[name])}, and is ${inWords(name, wanted[name])} now`)
}

/** The same text for the same value, whatever order its fields were written in. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_name, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  ) ?? ''

/** The options of a window or an aggregate: data alone. */
const plainOf = (options: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined && typeof value !== 'function'))

const MADE = 'made by a function'

/** The type that an aggregate adds up: the field's own, or (made by a function) the one of the column written. */
function summandText(plan: Plan, name: string, column: AggregateColumn): string {
  if (column.field === undefined) return 'rows'
  const target =
    plan.finish.length > 0 ? undefined : plan.destination.contract.fields.find((field) => field.name === name)
  const type = columnType(plan, column.field)
  return type === undefined && target !== undefined ? `${MADE}, as ${typeText(target.type)}` : typeText(type)
}

const fieldText = ({ contract }: AnyTopic, field: string): string =>
  typeText(contract.fields.find(({ name }) => name === field)?.type)

function typeText(type: FieldType | undefined): string {
  if (type === undefined) return MADE
  if (type.kind === 'decimal') return `decimal(${type.precision}, ${type.scale})`
  return type.kind === 'array' ? `array of ${typeText(type.items)}` : type.kind
}

function initially(initial: () => unknown): unknown {
  try {
    return initial()
  } catch {
    return undefined
  }
}

/** Field names and kinds of an author's state as it begins; what its lists and maps will hold cannot be seen. */
function shapeOf(value: unknown): unknown {
  if (value === null) return 'null'
  if (typeof value !== 'object') return typeof value
  const made = Object.getPrototypeOf(value)?.constructor
  if (made !== Object && made !== undefined) return String(made.name)
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, shapeOf(part)]))
}

/** Any stored value in words; one that this version does not know as it stands. */
function inWords(name: string, value: unknown): string {
  if (value === undefined) return 'nothing'
  if (name === 'window') return windowText(value as Window)
  if (name === 'key') return pairs(value)
  if (name === 'aggregates') return (value as readonly string[]).join(', ')
  if (name.startsWith('aggregate ')) {
    const { type, ...column } = value as AggregateColumn & { readonly type: string }
    return `${aggregateText(column)} (${type})`
  }
  if (name.startsWith('table ')) {
    const { key, fields } = value as { readonly key: unknown; readonly fields: unknown }
    return `by ${pairs(key)} with ${pairs(fields)}`
  }
  if (name.startsWith('held rows ') || name === 'rows in order') {
    const { kept, ...options } = value as { readonly kept: unknown }
    return `${optionTexts(options, []).join(', ')} with ${pairs(kept)}`
  }
  return typeof value === 'string' ? `'${value}'` : JSON.stringify(value)
}

const pairs = (value: unknown): string =>
  (value as readonly (readonly [string, string])[]).map(([field, type]) => `${field} (${type})`).join(', ')
