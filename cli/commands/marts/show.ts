import { type Command, Option } from 'commander'
import { GOLD, graphMermaid, type Mart } from '../../../marts/index.ts'
import { table } from '../stack/table.ts'
import { martsOf, type Selection, withSelection } from './session.ts'

/** `kappa marts list` */
export function registerList(marts: Command): void {
  withSelection(marts.command('list').description('show every mart, in the order of a build')).action(
    (flags: Selection) => {
      const all = martsOf(flags)
      console.log(flags.json === true ? JSON.stringify(all, null, 2) : listText(all))
    },
  )
}

const listText = (marts: readonly Mart[]): string =>
  table(
    ['mart', 'in English', 'kind', 'as', 'tests', 'one row is'],
    marts.map(({ name, english, category, materialized, checks, grain }) => [
      `${GOLD}.${name}`,
      english === undefined ? '' : `${GOLD}.${english}`,
      category,
      materialized,
      String(checks.length),
      grain.replace(/^one row (for |a |an )?/, ''),
    ]),
  )

/** `kappa marts graph` */
export function registerGraph(marts: Command): void {
  withSelection(marts.command('graph').description('show what is made from what'))
    .addOption(new Option('--format <format>', 'how').choices(['text', 'mermaid']).default('text'))
    .action((flags: Selection & { readonly format: 'text' | 'mermaid' }) => {
      const all = martsOf(flags)
      const edges = all.map(({ name, sources, reads }) => ({ mart: name, reads, sources }))
      if (flags.json === true) console.log(JSON.stringify(edges, null, 2))
      else console.log(flags.format === 'mermaid' ? graphMermaid(all) : graphText(edges))
    })
}

const graphText = (
  edges: readonly { readonly mart: string; readonly reads: readonly string[]; readonly sources: readonly string[] }[],
): string => edges.map(({ mart, reads, sources }) => `${mart} ← ${[...sources, ...reads].join(', ')}`).join('\n')
