import type { KnownSource, SourceKind } from './known.ts'

const BEGIN = '<!-- sources: begin (kappa sources docs) -->'
const END = '<!-- sources: end -->'

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

/** The page with its part about sources as it should be: what others wrote stays. Before everything else where it is new. */
export function withSources(page: string, sources: readonly KnownSource[], behind: readonly Section[] = []): string {
  const kinds = [...new Set(sources.map(({ kind }) => kind))]
  const part = [
    BEGIN,
    '## Sources',
    'Where events come from, with the command that makes them come (`kappa …`), the topics that they go to, and the contracts ' +
      'of these. `kappa sources` lists them, `kappa verify --source` counts what the connectors brought.',
    ...kinds.map((kind) =>
      [
        `### ${TITLES[kind]}`,
        '',
        '| source | command | topics and their contracts |',
        '|---|---|---|',
        ...sources.filter((one) => one.kind === kind).map((one) => rowOf(one)),
      ].join('\n'),
    ),
    ...behind.map(({ title, head, rows }) =>
      [`### ${title}`, '', tableRow(head), tableRow(head.map(() => '---')), ...rows.map(tableRow)].join('\n'),
    ),
    END,
  ].join('\n\n')
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)]
  if (begin >= 0 && end > begin) return `${page.slice(0, begin)}${part}${page.slice(end + END.length)}`
  const [title = '# Catalogue', ...rest] = page.split('\n')
  return `${title}\n\n${part}\n${rest.join('\n')}`
}

const tableRow = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`

/** A topic's name, leading to its contract. */
export const linkTo = (topic: string): string => `[\`${topic}\`](../schemas/${contractFile(topic)})`

function rowOf({ name, doc, command, topics }: KnownSource): string {
  const linked = topics.map((topic) => linkTo(topic.name))
  return `| **${name}**: ${doc.replaceAll('|', '\\|')} | \`kappa ${command}\` | ${linked.join(', ')} |`
}

/** `crm.orders.v1` → `crm/orders.avsc`, as `readContracts` wants it. */
function contractFile(topic: string): string {
  const [domain, facts, version = 'v1'] = topic.split('.')
  return `${domain}/${facts}${version === 'v1' ? '' : `.${version}`}.avsc`
}
