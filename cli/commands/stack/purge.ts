import { createInterface } from 'node:readline/promises'
import type { Command } from 'commander'
import { KappaError } from '#engine/errors'
import { cacheFolder, dataFolder } from '../../../deploy/config.ts'
import { purgeable, purgeCache, purgeData } from '../../../deploy/local/index.ts'

const help = `
Stops the stack first. What is deleted cannot be had back: events, tables, objects, keys and credentials.

Examples:
  kappa purge               ask, then delete the data folder
  kappa purge --yes         do not ask
  kappa purge --cache       the downloaded parts and data sets too`

/** `kappa purge`: back to before the first `kappa up`. */
export function registerPurge(program: Command): void {
  program
    .command('purge')
    .description('delete all data of the local stack, after confirmation')
    .option('--yes', 'do not ask')
    .option('--cache', 'delete downloads too')
    .addHelpText('after', help)
    .action(async (options: { yes?: boolean; cache?: boolean }) => {
      const folder = dataFolder()
      const cache = options.cache === true ? cacheFolder() : undefined
      const targets = [...purgeable(folder), ...(cache === undefined ? [] : purgeable(cache))]
      if (targets.length === 0) return console.log('There is nothing to delete.')
      console.log(`To be deleted:\n${targets.map((target) => `  ${target}`).join('\n')}`)
      if (options.yes !== true && !(await confirmed())) return console.log('Nothing was deleted.')
      await purgeData(folder)
      if (cache !== undefined) purgeCache(cache)
      console.log('Deleted.')
    })
}

async function confirmed(): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new KappaError('CONFIG_INVALID', 'asking for confirmation: there is no terminal; say --yes')
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  try {
    return (await terminal.question('Type "delete" to go on: ')).trim() === 'delete'
  } finally {
    terminal.close()
  }
}
