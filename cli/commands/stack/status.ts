import type { Command } from 'commander'
import type { Addresses } from '../../../deploy/addresses.ts'
import { dataFolder, givenServices, loadAddresses } from '../../../deploy/config.ts'
import { type ServiceStatus, stackStatus } from '../../../deploy/local/index.ts'
import { table } from './table.ts'

const help = `
Ends with 1 where a service does not answer. --json prints credentials and the master key: mind where it goes.

Examples:
  kappa status
  kappa status --json | jq -r .addresses.clickhouse.password
  kappa status --json | jq '.services[] | select(.health != "healthy")'`

/** `kappa status`: what runs, where, and with which credentials. */
export function registerStatus(program: Command): void {
  program
    .command('status')
    .description('show every service with its process, health, address and credentials')
    .option('--json', 'everything, for programs')
    .addHelpText('after', help)
    .action(async (options: { json?: boolean }) => {
      const given = givenServices()
      const services = await stackStatus(dataFolder(), given)
      const started = services.some(({ home, reason }) => home === 'given' || reason !== 'never started')
      const addresses = started ? loadAddresses() : undefined
      if (options.json === true) console.log(JSON.stringify({ dataFolder: dataFolder(), services, addresses }, null, 2))
      else console.log(statusText(services, addresses))
      if (services.some(({ health }) => health !== 'healthy')) process.exitCode = 1
    })
}

/** The table of services and, where there are addresses, what a client needs for each. */
export function statusText(services: readonly ServiceStatus[], addresses: Addresses | undefined): string {
  const rows = services.map(({ service, health, home, reason, address, process: running }) => [
    service,
    reason === undefined ? health : `${health} (${reason})`,
    home === 'given' ? 'given' : String(running?.pid ?? '–'),
    address ?? '–',
  ])
  const states = table(['service', 'health', 'process', 'address'], rows)
  return addresses === undefined
    ? `${states}\n\nNever started here: kappa up`
    : `${states}\n\n${credentials(addresses)}`
}

function credentials({ kafka, registry, clickhouse, s3, redis }: Addresses): string {
  const { username, password, reader } = clickhouse
  return table(
    ['to connect', ''],
    [
      ['Kafka', kafka.brokers.join(',')],
      ['registry', registry.url],
      ['ClickHouse', `${clickhouse.url}  user ${username}  password ${password}`],
      ['  read only', `user ${reader.username}  password ${reader.password}`],
      ['S3', `${s3.endpoint}  bucket ${s3.bucket}  region ${s3.region}`],
      ['  key', `${s3.accessKeyId}  secret ${s3.secretAccessKey}`],
      ['Redis', redis.url],
    ],
  )
}
