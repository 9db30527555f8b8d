import { decimalText, tableOf } from '#engine/schema'
import type { Asked, Condition } from './asked.ts'

/** A statement with values that the server binds. */
export interface Statement {
  readonly query: string
  readonly parameters: Readonly<Record<string, unknown>>
}

/**
 * What ClickHouse is asked, oldest row first: columns stand bare on their side of a comparison, so that only the stretch of the
 * sort order that they name is read.
 * @param limit of rows; one more is asked for, which tells that there are more
 */
export function statementOf({ topic, conditions, from, to }: Asked, limit: number): Statement {
  const { database, name, upserts, fields } = tableOf(topic)
  const { time } = topic.contract.topic
  const parameters: Record<string, unknown> = {}
  const bound = (value: unknown, type: string): string => {
    const parameter = `p${Object.keys(parameters).length}`
    parameters[parameter] = value
    return `{${parameter}:${type}}`
  }
  const where = [
    ...conditions.map((condition) => `\`${condition.field.name}\` = ${operand(condition, bound)}`),
    ...(from === undefined ? [] : [`\`${time}\` >= ${instant(bound(from, 'Int64'))}`]),
    ...(to === undefined ? [] : [`\`${time}\` < ${instant(bound(to, 'Int64'))}`]),
  ]
  const columns = fields.map((column) => `\`${column.name}\``).join(', ')
  const view = `\`${database}\`.\`${name}${upserts ? '_latest' : ''}\``
  const order = [...new Set([time, ...topic.contract.topic.id])].map((column) => `\`${column}\``).join(', ')
  return {
    query: `SELECT ${columns} FROM ${view} WHERE ${where.join(' AND ')} ORDER BY ${order} LIMIT ${limit + 1}`,
    parameters,
  }
}

type Bind = (value: unknown, type: string) => string

const instant = (milliseconds: string): string => `fromUnixTimestamp64Milli(${milliseconds}, 'UTC')`

function operand({ field: { type }, value }: Condition, bound: Bind): string {
  switch (type.kind) {
    case 'timestamp':
      return instant(bound(value, 'Int64'))
    case 'date':
      return `addDays(toDate32('1970-01-01'), ${bound(value, 'Int32')})`
    case 'decimal':
      return bound(decimalText(value as bigint, type.scale), `Decimal(${type.precision}, ${type.scale})`)
    case 'int':
    case 'long':
      return bound(value, 'Int64')
    case 'boolean':
      return bound(value, 'Bool')
    case 'uuid':
      return bound(value, 'UUID')
    default:
      return bound(value, 'String')
  }
}
