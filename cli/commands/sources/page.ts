import { linkTo, tableRow } from '../../catalogue.ts'
import type { KnownSource, SourceKind } from './known.ts'

const TITLES: Readonly<Record<SourceKind, string>> = {
  generator: 'Generators: one made-up company',
  files: 'Files',
  http: 'APIs',
  pages: 'Web pages',
  sql: 'Databases',
  collect: 'Browsers and apps',
  'data set': 'Real data',
}

/** A table behind those of sources. */
export interface Section {
  readonly title: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** What the catalogue says of sources, and of what comes behind them; in markdown. */
export function sourcesPart(sources: readonly KnownSource[], behind: readonly Section[] = []): string {
  const kinds = [...new Set(sources.map(({ kind }) => kind))]
  const ofKinds = kinds.map((kind) => ({
    title: TITLES[kind],
    head: ['source', 'command', 'topics and their contracts'],
    rows: sources.filter((one) => one.kind === kind).map(cellsOf),
  }))
  return [
    '## Sources',
    'Where events come from, with the command that makes them come (`kappa …`), the topics that they go to, and the contracts ' +
      'of these. `kappa sources` lists them, `kappa verify --source` counts what the connectors brought.',
    ...[...ofKinds, ...behind].map(({ title, head, rows }) =>
      [`### ${title}`, '', tableRow(head), tableRow(head.map(() => '---')), ...rows.map(tableRow)].join('\n'),
    ),
  ].join('\n\n')
}

const cellsOf = ({ name, doc, command, topics }: KnownSource): readonly string[] => [
  `**${name}**: ${doc}`,
  `\`kappa ${command}\``,
  topics.map((topic) => linkTo(topic.name)).join(', '),
]
