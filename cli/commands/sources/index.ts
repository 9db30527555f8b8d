import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { KappaError } from '#engine/errors'
import { filesConfig, flowsFile, pagesConfig, repositoryRoot, sqlConfig } from '../../../deploy/config.ts'
import { table } from '../stack/table.ts'
import { sectionsBehind } from './behind.ts'
import { knownSources } from './known.ts'
import { withSources } from './page.ts'

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
  sources
    .command('docs')
    .description('write them into docs/catalogue.md')
    .option('--check', 'only tell whether the page is as it should be')
    .action(({ check }: { readonly check?: boolean }) => docs(check === true))
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

/** Whatever this installation declares: the page is committed, so it has what the repository declares. */
export function cataloguePage(page: string): string {
  const own = { files: filesConfig({}), pages: pagesConfig({}), sql: sqlConfig({}) }
  return withSources(page, knownSources(own), sectionsBehind(flowsFile({})))
}

function docs(check: boolean): void {
  const file = join(repositoryRoot, 'docs', 'catalogue.md')
  const page = existsSync(file) ? readFileSync(file, 'utf8') : '# Catalogue\n'
  const wanted = cataloguePage(page)
  if (check) {
    if (page !== wanted)
      throw new KappaError('STATE_MISMATCH', 'checking docs/catalogue.md: not as sources are (kappa sources docs)')
    console.log('docs/catalogue.md is as sources are')
    return
  }
  writeFileSync(file, wanted)
  console.log(page === wanted ? 'docs/catalogue.md was up to date' : 'docs/catalogue.md written')
}
