import type { Command } from 'commander'
import { filesConfig, flowsFile, pagesConfig, sqlConfig } from '../../../deploy/config.ts'
import { registerDocs } from '../../catalogue.ts'
import { table } from '../stack/table.ts'
import { sectionsBehind } from './behind.ts'
import { knownSources } from './known.ts'
import { sourcesPart } from './page.ts'

const help = `
Every generator, every source of the connectors as it is declared (deploy/sources), and every data set.

Examples:
  kappa sources
  kappa sources list --json | jq -r '.[] | select(.topics[] == "crm.orders.v1") | .command'
  kappa sources docs            write the part of docs/catalogue.md that is about sources
  kappa sources docs --check    end with 1 where it is not as it should be`

/** `kappa sources`: what events can come from. */
export function register(program: Command): void {
  const sources = program.command('sources').description('what events can come from').addHelpText('after', help)
  sources
    .command('list', { isDefault: true })
    .description('list generators, connectors and data sets')
    .option('--json', 'for programs')
    .action(({ json }: { readonly json?: boolean }) => list(json === true))
  registerDocs(sources, 'sources', declaredSources)
}

function list(json: boolean): void {
  const all = knownSources().map(({ topics, ...rest }) => ({ ...rest, topics: topics.map(({ name }) => name) }))
  if (json) console.log(JSON.stringify(all, null, 2))
  else
    console.log(
      table(
        ['kind', 'source', 'command', 'topics'],
        all.map(({ kind, name, command, topics }) => [kind, name, `kappa ${command}`, topics.join(' ')]),
      ),
    )
}

/** Of the catalogue, whatever this installation declares: the page is committed, so it has what the repository declares. */
export function declaredSources(): string {
  const own = { files: filesConfig({}), pages: pagesConfig({}), sql: sqlConfig({}) }
  return sourcesPart(knownSources(own), sectionsBehind(flowsFile({})))
}
