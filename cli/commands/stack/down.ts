import type { Command } from 'commander'
import { dataFolder } from '../../../deploy/config.ts'
import { stopStack } from '../../../deploy/local/index.ts'
import { lineFor } from './progress.ts'

const help = `
Ends only processes that were started from this data folder, in the reverse of their order. Data stays.

Examples:
  kappa down
  KAPPA_DATA=/var/lib/kappa kappa down`

/** `kappa down`: stops what `kappa up` started. */
export function registerDown(program: Command): void {
  program
    .command('down')
    .description('stop the local stack; its data stays')
    .addHelpText('after', help)
    .action(async () => {
      let stopped = 0
      await stopStack(dataFolder(), undefined, (event) => {
        stopped++
        console.log(lineFor(event))
      })
      console.log(stopped === 0 ? 'Nothing was running.' : 'The stack is down.')
    })
}
