import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { KappaError } from '#engine/errors'
import { repositoryRoot } from '../deploy/config.ts'

/** What docs/catalogue.md tells of, in the order of the page; each part is written by `docs` of the command named. */
const COMMANDS = { sources: 'sources', results: 'topology', marts: 'marts' } as const
export type PartName = keyof typeof COMMANDS
const ORDER = Object.keys(COMMANDS) as readonly PartName[]

export const catalogueFile = join(repositoryRoot, 'docs', 'catalogue.md')

const beginOf = (name: PartName): string => `<!-- ${name}: begin (kappa ${COMMANDS[name]} docs) -->`
const endOf = (name: PartName): string => `<!-- ${name}: end -->`

/** The page with one part as it should be, in its place among the others; whatever else is on the page stays. */
export function withPart(page: string, name: PartName, text: string): string {
  const part = `${beginOf(name)}\n\n${text}\n\n${endOf(name)}`
  const [begin, end] = [page.indexOf(beginOf(name)), page.indexOf(endOf(name))]
  if (begin >= 0 && end > begin) return `${page.slice(0, begin)}${part}${page.slice(end + endOf(name).length)}`
  const later = ORDER.slice(ORDER.indexOf(name) + 1)
    .map((one) => page.indexOf(beginOf(one)))
    .find((at) => at >= 0)
  if (later !== undefined) return `${page.slice(0, later)}${part}\n\n${page.slice(later)}`
  return `${page === '' ? '# Catalogue\n' : page.replace(/\n*$/, '\n')}\n${part}\n`
}

/** Adds `docs [--check]` to a command: writes its part of the catalogue, or tells that it is not as it should be. */
export function registerDocs(command: Command, name: PartName, text: () => string): void {
  const self = `kappa ${COMMANDS[name]} docs`
  command
    .command('docs')
    .description(`write ${name} into docs/catalogue.md`)
    .option('--check', 'only tell whether the page is as it should be')
    .addHelpText('after', `\n--check ends with 1 where it is not.\n\nExamples:\n  ${self}\n  ${self} --check`)
    .action(({ check }: { readonly check?: boolean }) => {
      const page = existsSync(catalogueFile) ? readFileSync(catalogueFile, 'utf8') : ''
      const wanted = withPart(page, name, text())
      if (check !== true) writeFileSync(catalogueFile, wanted)
      else if (page !== wanted)
        throw new KappaError('STATE_MISMATCH', `checking docs/catalogue.md: its ${name} are not as they are (${self})`)
      console.log(page === wanted ? `docs/catalogue.md has its ${name} as they are` : 'docs/catalogue.md written')
    })
}

/** A row of a table in markdown. */
export const tableRow = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`

/** A topic's name, leading to its contract: `crm.orders.v1` is in `crm/orders.avsc`, as `readContracts` wants it. */
export function linkTo(topic: string): string {
  const [domain, facts, version = 'v1'] = topic.split('.')
  return `[\`${topic}\`](../schemas/${domain}/${facts}${version === 'v1' ? '' : `.${version}`}.avsc)`
}
