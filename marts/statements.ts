import { literal } from './checks.ts'
import { GOLD, type Mart } from './mart.ts'
import { renamed } from './references.ts'

/** A build's own tables stand beside those of the same name until they take their places. */
export const candidateOf = (name: string, run: string): string => `${name}__next_${run}`
/** Tables that a build left behind. */
export const CANDIDATES = '.*__next_[0-9a-f]+'

const columnsOf = ({ columns }: Mart): string =>
  columns.map(({ name, type, doc }) => `  \`${name}\` ${type} COMMENT ${literal(doc)}`).join(',\n')

/** What makes a mart's candidate, reading other candidates where there are some. */
export function createCandidate(mart: Mart, names: ReadonlyMap<string, string>): readonly string[] {
  const candidate = `${GOLD}.${names.get(mart.name) ?? mart.name}`
  const query = renamed(mart.sql, names)
  if (mart.materialized === 'view') return [`CREATE VIEW ${candidate} AS\n${query}`]
  const columns = mart.columns.map(({ name }) => `\`${name}\``).join(', ')
  return [
    `CREATE TABLE ${candidate}\n(\n${columnsOf(mart)}\n)\nENGINE = MergeTree ORDER BY (${mart.orderBy.join(', ')})\nCOMMENT ${literal(mart.description)}`,
    `INSERT INTO ${candidate} (${columns}) SELECT ${columns} FROM (\n${query}\n)`,
  ]
}

/** What a view is made by, under its own name. */
export const createView = (mart: Mart): string =>
  `CREATE OR REPLACE VIEW ${GOLD}.${mart.name}\n(\n${columnsOf(mart)}\n)\nAS\n${mart.sql}\nCOMMENT ${literal(mart.description)}`

/** The same under English names. */
export function createEnglishView({ name, columns, description }: Mart, english: string): string {
  const typed = columns.map((one) => `  \`${one.english}\` ${one.type} COMMENT ${literal(one.doc)}`).join(',\n')
  const selected = columns.map((one) => `\`${one.name}\` AS \`${one.english}\``).join(', ')
  return `CREATE OR REPLACE VIEW ${GOLD}.${english}\n(\n${typed}\n)\nAS\nSELECT ${selected} FROM ${GOLD}.${name}\nCOMMENT ${literal(description)}`
}
