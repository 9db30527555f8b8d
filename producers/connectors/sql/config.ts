import { z } from 'zod'
import { KappaError, reasonOf } from '#engine/errors'
import type { AnyTopic } from '#engine/schema'
import { milliseconds } from '#engine/time'
import type { SqlSource, SqlTable } from './contract.ts'
import { keyIsPersonal, placesIn } from './rows.ts'
import { NAME } from './statements.ts'

const text = z.string().min(1, 'is empty')
const duration = text.refine((value) => {
  try {
    return milliseconds(value) > 0
  } catch {
    return false
  }
}, "is not a duration, e.g. '2 seconds'")
const column = text.regex(NAME, 'is not the name of a column')
const timeZone = text.refine((value) => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: value }) !== undefined
  } catch {
    return false
  }
}, 'is not a time zone')

const table = z.strictObject({
  table: text.refine(
    (name) => name.split('.').length < 3 && name.split('.').every((part) => NAME.test(part)),
    'is no name',
  ),
  topic: text,
  key: z.union([column.transform((name) => [name]), z.array(column).min(1, 'is empty')]),
  mark: z.strictObject({ column, kind: z.enum(['updated-at', 'id']).default('updated-at') }),
  sweepEvery: duration.optional(),
  columns: z.record(text, column).default({}),
  set: z.record(text, z.string()).default({}),
  join: z.record(text, text).default({}),
  truncate: z.array(text).default([]),
})

const source = z.strictObject({
  name: text.regex(/^[a-z][a-z0-9-]{0,39}$/, 'is not of lower-case letters, digits and dashes'),
  doc: z.string().default(''),
  kind: z.enum(['mariadb', 'mysql', 'postgresql']),
  host: text,
  port: z.int().min(1).max(65_535).optional(),
  database: text,
  user: text,
  tls: z.enum(['on', 'off']).default('off'),
  caFile: text.optional(),
  timeZone: timeZone.default('UTC'),
  pollEvery: duration.default('10 seconds'),
  lag: duration.default('2 seconds'),
  longestTransaction: duration.default('10 minutes'),
  batch: z.int().min(1).max(10_000).default(2_000),
  tables: z.array(table).min(1, 'are none'),
})

const file = z.strictObject({ sources: z.array(source) })

const PORTS = { mariadb: 3_306, mysql: 3_306, postgresql: 5_432 } as const

/**
 * The sources that a file declares. Throws CONFIG_INVALID naming the file, the source, the table and the field, and what is
 * wrong with it. Whether the database has such tables and columns shows when it is asked.
 */
export function sqlSourcesOf(content: unknown, path: string, topics: readonly AnyTopic[]): readonly SqlSource[] {
  const parsed = file.safeParse(content)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new KappaError('CONFIG_INVALID', `reading ${path}: ${placeIn(content, issue?.path ?? [])} ${issue?.message}`)
  }
  const { sources } = parsed.data
  const twice = sources.find(({ name }, i) => sources.findIndex((other) => other.name === name) !== i)
  if (twice !== undefined)
    throw new KappaError('CONFIG_INVALID', `reading ${path}: source ${twice.name} is there twice`)
  return sources.map(({ port, lag, pollEvery, longestTransaction, tables, caFile, ...rest }) => {
    const names = tables.map((one) => one.table)
    const again = names.find((name, i) => names.indexOf(name) !== i)
    if (again !== undefined)
      throw new KappaError('CONFIG_INVALID', `reading ${path}: source ${rest.name}: table ${again} is there twice`)
    return {
      ...{
        ...rest,
        caFile,
        port: port ?? PORTS[rest.kind],
        lagMs: milliseconds(lag),
        pollEveryMs: milliseconds(pollEvery),
      },
      longestTransactionMs: milliseconds(longestTransaction),
      tables: tables.map((one) => {
        try {
          return tableOf(one, topics)
        } catch (thrown) {
          throw new KappaError(
            'CONFIG_INVALID',
            `reading ${path}: source ${rest.name}: table ${one.table}: ${reasonOf(thrown)}`,
          )
        }
      }),
    }
  })
}

/** `pays` for `pays`, `date_achat` for `dateAchat`: the column of a field that names none. */
const snakeCase = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

function tableOf(declared: z.infer<typeof table>, topics: readonly AnyTopic[]): SqlTable {
  const { table: name, topic: topicName, key, mark, sweepEvery, columns, set, join, truncate } = declared
  const topic = topics.find((one) => one.name === topicName)
  if (topic === undefined) throw new Error(`topic '${topicName}' is no contract of ours`)
  const fields = topic.contract.fields.map((field) => field.name)
  for (const [what, named] of Object.entries({
    columns: Object.keys(columns),
    set: Object.keys(set),
    join: Object.keys(join),
    truncate,
  })) {
    const unknown = named.find((field) => !fields.includes(field))
    if (unknown !== undefined)
      throw new Error(`${what} names '${unknown}', which is no field of ${topicName}; there are ${fields.join(', ')}`)
  }
  for (const [field, template] of Object.entries(join)) {
    const own = topic.contract.fields.find((one) => one.name === field)
    if (own?.type.kind !== 'string') throw new Error(`join: ${field} is no text`)
    if (placesIn(template).length === 0) throw new Error(`join: ${field}: '${template}' names no column, as {order_id}`)
  }
  const usual = fields.filter((field) => !(field in columns) && !(field in set) && !(field in join))
  const read: SqlTable = {
    ...{ name, topic, key, mark, usual, set, join, truncate },
    sweepEveryMs: sweepEvery === undefined ? undefined : milliseconds(sweepEvery),
    columns: { ...columns, ...Object.fromEntries(usual.map((field) => [field, snakeCase(field)])) },
  }
  if (read.sweepEveryMs !== undefined && keyIsPersonal(read))
    throw new Error('sweepEvery: its key is personal, and deletions would tell it in the clear')
  return read
}

function placeIn(content: unknown, path: readonly PropertyKey[]): string {
  let at: unknown = content
  const words: string[] = []
  for (const part of path) {
    at = (at as Readonly<Record<PropertyKey, unknown>> | null | undefined)?.[part]
    if (typeof part !== 'number') words.push(String(part))
    else {
      const { name, table: named } = (at ?? {}) as { readonly name?: unknown; readonly table?: unknown }
      const own = name ?? named
      words.push(`${words.pop()?.replace(/s$/, '')} ${typeof own === 'string' ? own : part + 1}:`)
    }
  }
  return words.join(' ') || 'the file'
}
