import type { Check, Reference, RuleRow, RuleSet, SourceRules, Wanted } from '../../schemas/rules.ts'

/** A record of a source as the merge takes it, beside its identity. */
export interface Judged {
  readonly source: string
  /** The facts' own columns without the identity, in the clean topic's names. */
  readonly facts: RuleRow
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

/** Maps records of one source to standard columns, but for those of the identity, which pass. */
export function standardising(rules: RuleSet, source: SourceRules) {
  const columns = givenColumns(rules).filter((column) => !rules.identity.includes(column))
  const { pass, made, name } = source
  const fields = new Set(columns.flatMap((column) => made[column]?.reads ?? pass[column] ?? []))
  return {
    fields: [...fields, 'arrivedAt'],
    make(row: RuleRow): Record<string, unknown> {
      const standard: Record<string, unknown> = { source: name, arrivedAt: row.arrivedAt }
      for (const column of columns) {
        const own = made[column]
        standard[column] = own === undefined ? row[pass[column] ?? column] : own.make(row)
      }
      return standard
    },
  }
}

/** Judges records in standard columns: pure, and all that the processor knows of quality. */
export function judging(rules: RuleSet): (row: RuleRow) => Judged {
  const { derived, identity, references, checks, sources, to } = rules
  const own = [...givenColumns(rules).filter((column) => !identity.includes(column)), ...Object.keys(derived)]
  const { time } = to.contract.topic
  const missing = new Map(sources.map((source) => [source.name, missingIn(source)]))
  const finders = [...references.map(unknown), ...checks.map(broken)]
  return (row) => {
    const all: Record<string, unknown> = { ...row }
    for (const [column, { make }] of Object.entries(derived)) all[column] = make(row)
    const source = String(row.source)
    const asked = missing.get(source)?.(all) ?? { wanted: 0, findings: [] }
    const findings = [...asked.findings]
    for (const find of finders) {
      const finding = find(all)
      if (finding !== undefined) findings.push(finding)
    }
    return {
      source,
      facts: Object.fromEntries(own.map((column) => [column, all[column]])),
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

function missingIn({ wanted }: SourceRules): (row: RuleRow) => { wanted: number; findings: readonly string[] } {
  const applies = ({ when = {} }: Wanted, row: RuleRow): boolean =>
    Object.entries(when).every(([column, values]) => values.includes(row[column]))
  return (row) => {
    const asked = wanted.filter((one) => applies(one, row))
    const empty = asked.filter(({ column }) => isEmpty(row[column]))
    return { wanted: asked.length, findings: empty.map(({ column }) => `missing:${column}`) }
  }
}
