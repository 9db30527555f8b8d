import type { Command } from 'commander'
import type { Addresses } from '../../../deploy/addresses.ts'
import { cacheFolder, dataFolder, givenServices, loadAddresses } from '../../../deploy/config.ts'
import { serviceNames, startStack } from '../../../deploy/local/index.ts'
import { stackProgress } from './progress.ts'

const help = `
Parts are fetched on first use with the package client (mvn) into KAPPA_CACHE. Ports and credentials are generated into
config.json of the data folder, and stay. A service whose address is in the environment (KAPPA_KAFKA_BROKERS,
KAPPA_REGISTRY_URL, KAPPA_S3_ENDPOINT, KAPPA_REDIS_URL, KAPPA_CLICKHOUSE_URL) is not started.

Examples:
  kappa up                                          start what does not run yet
  KAPPA_DATA=/var/lib/kappa kappa up                keep the data elsewhere
  KAPPA_KAFKA_BROKERS=kafka.example:9092 kappa up   the rest, beside a broker of yours`

/** `kappa up`: the local stack, started unless it runs. */
export function registerUp(program: Command): void {
  program
    .command('up')
    .description('start Kafka, the schema registry, S3, Redis and ClickHouse on this machine')
    .addHelpText('after', help)
    .action(async () => {
      await bringUp()
      console.log('The stack is up. `kappa status` shows every address and credential.')
    })
}

/**
 * Starts every service that the environment does not give and that does not run yet, telling of it on the terminal;
 * resolves with where everything is once all of ours answers.
 */
export async function bringUp(write: (line: string) => void = console.log): Promise<Addresses> {
  const given = givenServices()
  for (const [name, addresses] of given) write(`  ${name} is given by the environment: ${addresses.join(',')}`)
  await startStack({
    dataFolder: dataFolder(),
    cacheFolder: cacheFolder(),
    services: serviceNames.filter((name) => !given.has(name)),
    onProgress: stackProgress(write),
  })
  return loadAddresses()
}
