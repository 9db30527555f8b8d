import type { Check, Reference, RuleRow, RuleSet, SourceRules, Wanted } from '../../schemas/rules.ts'

/** A record of a source as the merge takes it, beside its identity. Lists instead of names: there is one of each record. */
export interface Judged {
  /** Place of the system among the rule set's sources. */
  readonly source: number
  /** Values of the clean topic's own columns without the identity, as `factColumns` has them. */
  readonly facts: readonly unknown[]
  readonly findings: readonly string[]
  /** Cells that it should have filled. */
  readonly wanted: number
  /** Event time, milliseconds. */
  readonly at: number
  readonly arrivedAt: number
}

/** Columns that every clean topic has beside the facts' own: see `CleanColumns`. */
const CLEAN_COLUMNS = ['flags', 'source', 'sources', 'copies', 'told', 'findings', 'wanted', 'arrivedAt']

/** The column of a joined row that tells whether there is one. */
export const foundColumn = ({ to }: Reference): string => `row of ${to.name}`

/** Columns that sources have to fill: the clean topic's own, without those derived. */
export const givenColumns = ({ to, derived }: RuleSet): readonly string[] =>
  to.contract.fields.map(({ name }) => name).filter((name) => !CLEAN_COLUMNS.includes(name) && !(name in derived))

/** Columns that judging reads. */
export const judgedColumns = (rules: RuleSet): readonly string[] => [
  ...givenColumns(rules),
  ...rules.references.flatMap((reference) => [...Object.keys(reference.take), foundColumn(reference)]),
  'source',
  'arrivedAt',
]

/** The clean topic's own columns that records are merged by: all but the identity. */
export const factColumns = (rules: RuleSet): readonly string[] => [
  ...givenColumns(rules).filter((column) => !rules.identity.includes(column)),
  ...Object.keys(rules.derived),
]

/**
 * Maps records of one source to standard columns, but for those of the identity, which pass. What `make` returns is one and
 * the same object every time: the engine copies it.
 */
export function standardising(rules: RuleSet, source: SourceRules) {
  const columns = givenColumns(rules).filter((column) => !rules.identity.includes(column))
  const { pass, made } = source
  const fields = new Set(columns.flatMap((column) => made[column]?.reads ?? pass[column] ?? []))
  const ways = columns.map((column) => ({ column, make: made[column]?.make, field: pass[column] ?? column }))
  const standard: Record<string, unknown> = { source: rules.sources.indexOf(source), arrivedAt: 0 }
  for (const column of columns) standard[column] = null
  return {
    fields: [...fields, 'arrivedAt'],
    make(row: RuleRow): Record<string, unknown> {
      standard.arrivedAt = row.arrivedAt
      for (const { column, make, field } of ways) standard[column] = make === undefined ? row[field] : make(row)
      return standard
    },
  }
}

const NOTHING: readonly string[] = []

/** Judges records in standard columns: pure, and all that the processor knows of quality. */
export function judging(rules: RuleSet): (row: RuleRow) => Judged {
  const { references, checks, sources, to } = rules
  const columns = factColumns(rules)
  const derived = Object.entries(rules.derived).map(([column, { make }]) => ({ column, make }))
  const { time } = to.contract.topic
  const askers = sources.map(missingIn)
  const finders = [...references.map(unknown), ...checks.map(broken)]
  return (row) => {
    let all = row
    if (derived.length > 0) {
      const whole: Record<string, unknown> = { ...row }
      for (const { column, make } of derived) whole[column] = make(row)
      all = whole
    }
    const source = row.source as number
    const asked = askers[source]?.(all) ?? { wanted: 0, findings: NOTHING }
    let { findings } = asked
    for (const find of finders) {
      const finding = find(all)
      if (finding !== undefined) findings = [...findings, finding]
    }
    const facts = columns.map((column) => all[column])
    return {
      source,
      facts,
      findings,
      wanted: asked.wanted,
      at: all[time] as number,
      arrivedAt: row.arrivedAt as number,
    }
  }
}

type Finder = (row: RuleRow) => string | undefined

/** Something is referred to, and has no row. */
const unknown = (reference: Reference): Finder => {
  const found = foundColumn(reference)
  return (row) => (row[found] === null && !isEmpty(row[reference.by]) ? `unknown:${reference.by}` : undefined)
}

const broken =
  ({ finding, reads, broken }: Check): Finder =>
  (row) =>
    reads.every((column) => row[column] !== null && row[column] !== undefined) && broken(row) ? finding : undefined

export const isEmpty = (value: unknown): boolean => value === null || value === undefined || value === ''

type Asked = { readonly wanted: number; readonly findings: readonly string[] }

function missingIn({ wanted }: SourceRules): (row: RuleRow) => Asked {
  const wishes = wanted.map(({ column, when = {} }: Wanted) => ({ column, conditions: Object.entries(when) }))
  return (row) => {
    let asked = 0
    let findings = NOTHING
    for (const { column, conditions } of wishes) {
      if (conditions.length > 0 && !conditions.every(([name, values]) => values.includes(row[name]))) continue
      asked++
      if (isEmpty(row[column])) findings = [...findings, `missing:${column}`]
    }
    return { wanted: asked, findings }
  }
}
