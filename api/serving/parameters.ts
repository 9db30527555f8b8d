import { z } from 'zod'
import type { Column, Condition } from './relation.ts'

/**
 * Query parameters as zod schemas: what they say is checked, told in messages that name the field, and shown in the OpenAPI
 * document. Everything comes as text.
 */
const once = { error: 'is given more than once' }
const text = z.string().min(1, 'is empty').max(200, 'is longer than 200 characters')
const whole = z
  .string(once)
  .regex(/^-?\d{1,15}$/, 'is not a whole number')
  .transform(Number)
  .pipe(z.int())
const decimal = z.string(once).regex(/^-?\d{1,18}(\.\d{1,9})?$/, 'is not a number like 12.34')
const day = z.iso.date('is not a day like 2025-01-31')
const instant = z.union([z.iso.date(), z.iso.datetime({ offset: true })], {
  error: 'is neither a day like 2025-01-31 nor an instant like 2025-01-31T12:00:00Z',
})
const flag = z
  .enum(['true', 'false'], 'is neither true nor false')
  .transform((value) => value === 'true')
  .pipe(z.boolean())
/** May be given several times: any of them. */
const anyOf = <T extends z.ZodType>(one: T) =>
  z.preprocess((value) => (Array.isArray(value) ? value : [value]), z.array(one).min(1).max(50))

export const formats = ['json', 'csv', 'arrow'] as const
export type Format = (typeof formats)[number]

export const MOST_ROWS = 5_000

/** Of every listing. */
export const paging = {
  limit: whole
    .pipe(z.int().min(1, 'is below 1').max(MOST_ROWS, `is above ${MOST_ROWS}`))
    .default(100)
    .describe('Rows of a page.'),
  cursor: z
    .string(once)
    .min(1, 'is empty')
    .max(2_000, 'is too long')
    .optional()
    .describe('`next` of the page before; the other parameters must be the same.'),
  format: z
    .enum(formats, `is none of ${formats.join(', ')}`)
    .optional()
    .describe('Instead of the Accept header: application/json, text/csv, application/vnd.apache.arrow.stream.'),
}

export const orderOf = (fallback: 'asc' | 'desc', key: readonly string[]) =>
  z
    .enum(['asc', 'desc'], 'is neither asc nor desc')
    .default(fallback)
    .describe(`By ${key.join(', ')}.`)

/** A parameter that compares a column. */
export interface Filter {
  readonly parameter: string
  readonly column: Column
  readonly is: Condition['is']
  readonly schema: z.ZodType
}

/** What a column can be asked by: equality, and bounds where it has an order that people ask by. */
export function filtersOf(column: Column): readonly Filter[] {
  const { name, kind } = column
  const filter = (suffix: string, is: Condition['is'], schema: z.ZodType, doc: string): Filter => ({
    ...{ parameter: `${name}${suffix}`, column, is },
    schema: schema.optional().describe(`${doc} ${column.doc}`),
  })
  switch (kind) {
    case 'text':
      return [filter('', 'in', anyOf(text), 'Any of these.')]
    case 'boolean':
      return [filter('', 'in', flag, 'Equal.')]
    case 'integer':
      return [
        filter('', 'in', anyOf(whole), 'Any of these.'),
        filter('_min', 'least', whole, 'At least.'),
        filter('_max', 'most', whole, 'At most.'),
      ]
    case 'decimal':
    case 'number':
      return [filter('_min', 'least', decimal, 'At least.'), filter('_max', 'most', decimal, 'At most.')]
    case 'date':
      return [
        filter('', 'in', anyOf(day), 'Any of these days.'),
        filter('_from', 'least', day, 'From this day on.'),
        filter('_before', 'below', day, 'Before this day.'),
      ]
    case 'instant':
      return [
        filter('_from', 'least', instant, 'From this instant on; a day begins at midnight UTC.'),
        filter('_before', 'below', instant, 'Before this instant.'),
      ]
    case 'json':
      return []
  }
}

/** The conditions that a checked query has. */
export function conditionsOf(
  filters: readonly Filter[],
  query: Readonly<Record<string, unknown>>,
): readonly Condition[] {
  return filters.flatMap(({ parameter, column, is }) => {
    const given = query[parameter]
    if (given === undefined) return []
    return [{ column: column.name, is, values: (Array.isArray(given) ? given : [given]).map(String) }]
  })
}
