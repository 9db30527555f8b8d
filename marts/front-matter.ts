import { parse as parseYaml } from 'yaml'
import { z } from 'zod'
import { KappaError, reasonOf } from '#engine/errors'
import { milliseconds } from '#engine/time'
import { type Category, type Check, type CheckKind, GOLD, type Mart, type MartColumn } from './mart.ts'
import { referencesOf } from './references.ts'
import { databases, sources } from './sources.ts'

const sentence = z.string().min(3)
const name = z.string().regex(/^[a-z][a-z0-9_]*$/, 'is not a name of lower-case letters, digits and underscores')

const column = z.strictObject({
  type: z.string().min(1),
  en: name.optional(),
  doc: sentence,
  pii: z.boolean().default(false),
  unique: z.literal(true).optional(),
  not_null: z.literal(true).optional(),
  not_empty: z.literal(true).optional(),
  in: z.array(z.string()).min(1).optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  matches: z.string().min(1).optional(),
  references: z
    .string()
    .regex(/^\w+\.\w+$/, 'is not mart.column')
    .optional(),
})

const severity = z.enum(['error', 'warn']).default('error')
const test = z.union([
  z.strictObject({ unique: z.array(name).min(1), severity }),
  z.strictObject({ freshness: z.strictObject({ column: name, within: z.string() }), severity }),
  z.strictObject({ name: sentence, rows: sentence, severity }),
])

const header = z.strictObject({
  description: sentence,
  grain: sentence,
  owner: sentence,
  materialized: z.enum(['table', 'view']),
  order_by: z.array(name).default([]),
  english: name.optional(),
  columns: z.record(name, column),
  tests: z.array(test).default([]),
})

/** What is written in place of it: the zone of the calendar. */
const TIME_ZONE = '{{time_zone}}'

export interface MartText {
  readonly name: string
  readonly category: Category
  /** The file: a comment with YAML, then one query. */
  readonly text: string
}

/** Reads a mart's file. Throws CONFIG_INVALID naming the file and what is wrong with it. */
export function parseMart({ name, category, text }: MartText, timeZone: string): Mart {
  const doing = `reading marts/…/${category}/${name}.sql`
  const wrong = (what: string): KappaError => new KappaError('CONFIG_INVALID', `${doing}: ${what}`)
  const [, yaml, query] = /^\/\*\n([\s\S]*?)\n\*\/\n([\s\S]*)$/.exec(text.replaceAll(TIME_ZONE, timeZone)) ?? []
  if (yaml === undefined || query === undefined || query.trim() === '')
    throw wrong('it does not begin with a comment that describes it, and a query behind')
  const sql = query.trim().replace(/;$/, '')
  const unfilled = /\{\{.*?\}\}/.exec(text.replaceAll(TIME_ZONE, timeZone))
  if (unfilled) throw wrong(`nothing is filled in for ${unfilled[0]}, only for ${TIME_ZONE}`)
  const parsed = header.safeParse(yamlOf(yaml, wrong))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw wrong(`${issue?.path.join('.')}: ${issue?.message}`)
  }
  const { description, grain, owner, materialized, order_by, english, columns, tests } = parsed.data
  const own = Object.entries(columns).map(
    ([name, { type, en, doc, pii }]): MartColumn => ({ name, type, english: en ?? name, doc, pii }),
  )
  const checks = [...Object.entries(columns).flatMap(([name, rules]) => checksOf(name, rules)), ...tests.map(checkOf)]
  const known = new Set(own.map(({ name }) => name))
  const named = [...order_by, ...checks.flatMap(columnsOf)]
  for (const name of named) if (!known.has(name)) throw wrong(`it has no column ${name}`)
  if ((materialized === 'table') !== order_by.length > 0) throw wrong('order_by is for tables, and they need it')
  const unnamed = Object.entries(columns).find(([, { en }]) => (en === undefined) !== (english === undefined))
  if (unnamed) throw wrong(`${unnamed[0]}: a mart with an English name has English columns, and no other has`)
  if (new Set(own.map(({ english }) => english)).size < own.length) throw wrong('two columns have one English name')
  const { marts, sources: tables } = referencesOf(sql, databases)
  const personal = tables.flatMap((table) => {
    const source = sources.get(table)
    if (source === undefined) throw wrong(`there is no table ${table}`)
    if (source.sealed) throw wrong(`${table} is sealed: read the masked topic instead`)
    return source.personal.filter((field) => new RegExp(`\\b${field}\\b`).test(sql))
  })
  if (personal.length > 0 && !own.some(({ pii }) => pii))
    throw wrong(`it reads ${personal.join(', ')}, which is personal, and no column says \`pii: true\``)
  const references = { reads: marts, sources: tables }
  const about = { name, category, description, grain, owner, materialized, orderBy: order_by }
  return { ...about, ...(english === undefined ? {} : { english }), columns: own, checks, sql, ...references }
}

function yamlOf(yaml: string, wrong: (what: string) => KappaError): unknown {
  try {
    return parseYaml(yaml)
  } catch (thrown) {
    throw wrong(reasonOf(thrown))
  }
}

/** What a column's keys say of it. A type that is not Nullable has no nulls: asking is for those that are. */
function checksOf(column: string, rules: z.infer<typeof header>['columns'][string]): readonly Check[] {
  const kinds: CheckKind[] = []
  if (rules.unique) kinds.push({ kind: 'unique', columns: [column] })
  if (rules.not_null) kinds.push({ kind: 'not-null', column })
  if (rules.not_empty) kinds.push({ kind: 'not-empty', column })
  if (rules.in) kinds.push({ kind: 'accepted-values', column, values: rules.in })
  if (rules.matches !== undefined) kinds.push({ kind: 'matches', column, pattern: rules.matches })
  const { min, max } = rules
  if (min !== undefined || max !== undefined)
    kinds.push({
      kind: 'range',
      column,
      ...(min === undefined ? {} : { min }),
      ...(max === undefined ? {} : { max }),
    })
  const [mart, to] = rules.references?.split('.') ?? []
  if (mart !== undefined && to !== undefined) kinds.push({ kind: 'relationship', column, mart, to })
  return kinds.map((kind) => ({ ...kind, severity: 'error' }))
}

function checkOf(test: z.infer<typeof header>['tests'][number]): Check {
  const { severity } = test
  if ('unique' in test) return { kind: 'unique', columns: test.unique, severity }
  if ('rows' in test) return { kind: 'rows', name: test.name, query: test.rows, severity }
  const { column, within } = test.freshness
  return { kind: 'freshness', column, withinMs: milliseconds(within), severity }
}

const columnsOf = (check: Check): readonly string[] =>
  check.kind === 'unique' ? check.columns : check.kind === 'rows' ? [] : [check.column]

/** Tables of gold that a mart's own checks read, beside itself. */
export const checkedAgainst = ({ checks }: Mart): readonly string[] =>
  checks.flatMap((check) => {
    if (check.kind === 'relationship') return [check.mart]
    return check.kind === 'rows' ? referencesOf(check.query, new Set([GOLD])).marts : []
  })
