import { KappaError } from '#engine/errors'
import { sealedFields } from '#engine/governance'
import type { SourcePlace, SourceRow } from '#engine/ingest'
import type { AnyTopic } from '#engine/schema'
import { type Cells, columnName, type FileRecord, isUnread } from './record.ts'
import { type ReadValue, type Spelling, valueReader } from './values.ts'

/** How records of a file become events of a topic. */
export interface RowMapping {
  readonly topic: AnyTopic
  /** Cells that tell records of this topic from others in the same file. */
  readonly when: Readonly<Record<string, string>>
  /** Column by field, where it is not the field's name in snake case. */
  readonly columns: Readonly<Record<string, string>>
  /** Text by field, the same in every event: read as a cell would be. */
  readonly set: Readonly<Record<string, string>>
  /** Fields, nullable ones, whose column a file may lack. */
  readonly optional: readonly string[]
}

/** Makes a row of a record: an event's value, or a dead letter that says what is wrong with it. */
export type RowMaker = (record: FileRecord, place: SourcePlace) => SourceRow

/** `orderId` → `order_id` */
const snake = (field: string): string => field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/**
 * Throws CONFIG_INVALID naming a field that the topic does not have, or that files cannot hold.
 * @param absentIsNull formats that leave empty cells out (JSON): a column that is not there is null
 */
export function rowMaker(mappings: readonly RowMapping[], spelling: Spelling, absentIsNull: boolean): RowMaker {
  const makers = mappings.map((mapping) => ({
    ...mapping,
    ...conditionOf(mapping),
    make: valueMaker(mapping, spelling, absentIsNull),
  }))
  const [first] = makers
  if (first === undefined) throw new KappaError('CONFIG_INVALID', 'reading files: no topic is named')
  return (record, place) => {
    if (isUnread(record)) return { topic: first.topic, found: record.found, reason: record.reason, place }
    const maker = makers.find(({ holds }) => holds(record.cells))
    if (maker === undefined)
      return { topic: first.topic, found: record.found, reason: unknownKind(makers, record.cells), place }
    const made = maker.make(record.cells)
    if ('value' in made) return { topic: maker.topic, value: made.value, place }
    const found = maker.sealed || record.found === undefined ? made.found : record.found
    return { topic: maker.topic, found, reason: made.reason, place }
  }
}

function conditionOf({ when, topic }: RowMapping) {
  const conditions = Object.entries(when).map(([column, text]) => [columnName(column), text] as const)
  return {
    conditions,
    holds: (cells: Cells): boolean => conditions.every(([column, text]) => cells[column] === text),
    sealed: sealedFields(topic.contract).length > 0,
  }
}

/** Names what tells records apart, and which of it the file lacks; what stands in the cells may be personal. */
function unknownKind(makers: readonly { conditions: readonly (readonly [string, string])[] }[], cells: Cells): string {
  const columns = [...new Set(makers.flatMap(({ conditions }) => conditions.map(([column]) => column)))]
  const absent = columns.filter((column) => !(column in cells))
  return absent.length > 0 ? `the file has no column ${absent.join(', ')}` : `${columns.join(', ')} is of no known kind`
}

type Made = { readonly value: object } | { readonly reason: string; readonly found: object }

interface Part {
  readonly field: string
  readonly column: string
  readonly read: ReadValue
  readonly optional: boolean
}

function valueMaker({ topic, columns, set, optional }: RowMapping, spelling: Spelling, absentIsNull: boolean) {
  const { fields } = topic.contract
  for (const name of [...Object.keys(columns), ...Object.keys(set), ...optional])
    if (!fields.some((field) => field.name === name))
      throw new KappaError('CONFIG_INVALID', `mapping columns to ${topic.name}: it has no field ${name}`)
  const constants: Record<string, unknown> = {}
  const parts: Part[] = []
  for (const field of fields) {
    const read = valueReader(field, spelling)
    if (read === undefined)
      throw new KappaError(
        'CONFIG_INVALID',
        `mapping columns to ${topic.name}: files cannot hold ${field.name}, a ${field.type.kind}`,
      )
    const text = set[field.name]
    if (text === undefined) {
      const column = columnName(columns[field.name] ?? snake(field.name))
      parts.push({
        field: field.name,
        column,
        read,
        optional: field.nullable && (absentIsNull || optional.includes(field.name)),
      })
      continue
    }
    const value = read(text)
    if (value === undefined)
      throw new KappaError('CONFIG_INVALID', `mapping columns to ${topic.name}: ${field.name} cannot be '${text}'`)
    constants[field.name] = value
  }
  return (cells: Cells): Made => {
    const value: Record<string, unknown> = { ...constants }
    for (const { field, column, read, optional } of parts) {
      const cell = cells[column]
      if (cell === undefined && !optional && !(column in cells))
        return unmade(parts, cells, `the file has no column ${column}`)
      const part = read(cell)
      if (part === undefined) return unmade(parts, cells, `column ${column} cannot be read as ${kindOf(topic, field)}`)
      value[field] = part
    }
    return { value }
  }
}

const kindOf = ({ contract }: AnyTopic, name: string): string => {
  const field = contract.fields.find((one) => one.name === name)
  return `${field?.nullable ? '' : 'a required '}${field?.type.kind}`
}

/** The cells under the names of their fields, so that personal ones are sealed in the dead letter too. */
const unmade = (parts: readonly Part[], cells: Cells, reason: string): Made => ({
  reason,
  found: Object.fromEntries(
    parts.flatMap(({ field, column }) => (column in cells ? [[field, foundOf(cells[column])]] : [])),
  ),
})

const foundOf = (cell: unknown): unknown => (cell instanceof Date && Number.isNaN(cell.getTime()) ? null : cell)
