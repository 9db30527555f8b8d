import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { KappaError } from '#engine/errors'
import { DEFAULT_MARTS_TIME_ZONE, repositoryRoot } from '../../../deploy/config.ts'
import { readMarts, withMarts } from '../../../marts/index.ts'

const help = `
Writes the part of docs/catalogue.md that is about marts: every table with its columns and tests, how they refer to one
another (an entity-relationship diagram) and what is made from what. --check writes nothing and ends with 1 where the page
is not as the files are.

Examples:
  kappa marts docs
  kappa marts docs --check`

/** `kappa marts docs` */
export function registerDocs(marts: Command): void {
  marts
    .command('docs')
    .description('write what marts are into docs/catalogue.md')
    .option('--check', 'only tell whether the page is as it should be')
    .addHelpText('after', help)
    .action(({ check }: { readonly check?: boolean }) => {
      const file = join(repositoryRoot, 'docs', 'catalogue.md')
      const page = existsSync(file) ? readFileSync(file, 'utf8') : ''
      // Whatever zone this installation has: the page is committed.
      const wanted = withMarts(page, readMarts(DEFAULT_MARTS_TIME_ZONE))
      if (check === true) {
        if (page !== wanted)
          throw new KappaError('STATE_MISMATCH', 'checking docs/catalogue.md: not as marts/ says (kappa marts docs)')
        console.log('docs/catalogue.md is as marts/ says')
        return
      }
      writeFileSync(file, wanted)
      console.log(page === wanted ? 'docs/catalogue.md was up to date' : 'docs/catalogue.md written')
    })
}
