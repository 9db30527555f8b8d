import { checkText } from './checks.ts'
import { CATEGORIES, GOLD, type Mart } from './mart.ts'

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')
const row = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`

/** Every mart for people: what it is, its columns, its checks; in markdown. */
function catalogue(marts: readonly Mart[]): string {
  const parts: string[] = []
  for (const category of CATEGORIES) {
    const own = marts.filter((mart) => mart.category === category)
    if (own.length === 0) continue
    parts.push(`### ${category}`)
    for (const mart of [...own].sort((a, b) => (a.name < b.name ? -1 : 1))) parts.push(entry(mart))
  }
  return parts.join('\n\n')
}

function entry(mart: Mart): string {
  const { name, english, description, grain, owner, materialized, columns, reads, sources } = mart
  const inEnglish = (text: string): readonly string[] => (english === undefined ? [] : [text])
  const from = [...sources, ...reads.map((read) => `${GOLD}.${read}`)]
  return [
    `#### ${GOLD}.${name}`,
    description,
    `${grain} · ${materialized}${english === undefined ? '' : ` · in English \`${GOLD}.${english}\``} · owner ${owner} · from ${from.map((one) => `\`${one}\``).join(', ')}`,
    [
      row(['column', ...inEnglish('in English'), 'type', 'what it is', 'tested']),
      row(['---', ...inEnglish('---'), '---', '---', '---']),
      ...columns.map((one) =>
        row([
          `\`${one.name}\`${one.pii ? ' (personal)' : ''}`,
          ...inEnglish(`\`${one.english}\``),
          `\`${one.type}\``,
          one.doc,
          testsOf(mart, one.name),
        ]),
      ),
    ].join('\n'),
    ...wholeTests(mart),
  ].join('\n\n')
}

const isOf = (check: Mart['checks'][number], column: string): boolean =>
  check.kind !== 'rows' && (check.kind === 'unique' ? check.columns.join() === column : check.column === column)

const testsOf = ({ checks }: Mart, column: string): string =>
  checks
    .filter((check) => isOf(check, column))
    .map((check) => checkText(check).replace(`${column} `, ''))
    .join(', ')

function wholeTests({ checks, columns }: Mart): readonly string[] {
  const whole = checks.filter((check) => !columns.some(({ name }) => isOf(check, name)))
  return whole.length === 0 ? [] : [`Tested as a whole: ${whole.map(checkText).join('; ')}.`]
}

/** Who reads whom, as a mermaid flowchart. */
export function graphMermaid(marts: readonly Mart[]): string {
  const lines = marts.flatMap(({ name, sources, reads }) => [
    ...sources.map((source) => `  ${source.replace('.', '_')}["${source}"] --> ${name}`),
    ...reads.map((read) => `  ${read} --> ${name}`),
  ])
  return ['flowchart LR', ...lines].join('\n')
}

/** Mermaid takes one word for a type. */
const word = (type: string): string => type.replace(/[^A-Za-z0-9]+/g, '_').replace(/_+$/, '')

/**
 * Declared relationships as a mermaid diagram of entities (crow's foot): the mart that is referred to has one row, the one
 * that refers any number. Marts without relationships are left out.
 */
export function erdMermaid(marts: readonly Mart[]): string {
  const relationships = marts.flatMap(({ name, checks }) =>
    checks.flatMap((check) => (check.kind === 'relationship' ? [{ name, ...check }] : [])),
  )
  const drawn = new Set(relationships.flatMap(({ name, mart }) => [name, mart]))
  const entities = marts
    .filter(({ name }) => drawn.has(name))
    .flatMap(({ name, columns, checks }) => [
      `  ${name} {`,
      ...columns.map((column) => {
        const own = checks.filter((check) => isOf(check, column.name))
        const keys = [
          ...(own.some(({ kind }) => kind === 'unique') ? ['PK'] : []),
          ...(own.some(({ kind }) => kind === 'relationship') ? ['FK'] : []),
        ]
        return `    ${word(column.type)} ${column.name}${keys.length > 0 ? ` ${keys.join(', ')}` : ''}`
      }),
      '  }',
    ])
  const lines = relationships.map(({ name, mart, column }) => `  ${mart} ||--o{ ${name} : ${column}`)
  return ['erDiagram', ...lines, ...entities].join('\n')
}

/** What the catalogue says of marts; in markdown. */
export const martsPart = (marts: readonly Mart[]): string =>
  [
    '## Marts',
    'Tables of gold, made from results by SQL: `kappa marts build`. Generated from `marts/`.',
    '### How they hang together',
    `\`\`\`mermaid\n${erdMermaid(marts)}\n\`\`\``,
    '### What is made from what',
    `\`\`\`mermaid\n${graphMermaid(marts)}\n\`\`\``,
    catalogue(marts),
  ].join('\n\n')
