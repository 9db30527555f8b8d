import { join } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { reasonOf } from '#engine/errors'
import { type Contract, connectRegistry, type Registry, readContracts, topicOf } from '#engine/schema'
import { milliseconds } from '#engine/time'
import { loadAddresses, repositoryRoot } from '../../../deploy/config.ts'
import { openPlatform, prepareTopics } from '../../platform.ts'
import { table } from '../stack/table.ts'
import { compareWithRegistry, requireCompatible } from './check.ts'
import { bringInLine, requireFresh } from './generated.ts'

const help = `
A contract is one schemas/<domain>/<facts>.avsc: shape, key, event time, identity, owner, retention, personal fields.

Examples:
  kappa schemas generate          after editing a contract
  kappa schemas check --offline   what a commit needs: contracts well formed, generated files fresh
  kappa schemas check             and compatible with every version that the registry holds
  kappa schemas register          make them known to the registry, BACKWARD_TRANSITIVE`

/** `kappa schemas generate | check | register | list`. */
export function register(program: Command): void {
  const schemas = program.command('schemas').description('contracts of topics: generate code, check, register, list')
  schemas.addHelpText('after', help)
  schemas
    .command('generate')
    .description('write TypeScript types, topic handles and ClickHouse tables from the contracts')
    .action(() => generate(contracts()))
  online(schemas.command('check'))
    .description('check contracts, generated files and compatibility; changes nothing')
    .option('--offline', 'without the registry')
    .action((options: Online & { offline?: boolean }) => check(contracts(), options))
  online(schemas.command('register'))
    .description(
      'register every contract under <topic>-value and create its topic; an incompatible one is refused, naming the field',
    )
    .action((options: Online) => registerAll(contracts(), options))
  schemas
    .command('list')
    .description('list the contracts')
    .option('--json', 'for programs')
    .action((options: { json?: boolean }) => list(contracts(), options.json === true))
}

interface Online {
  readonly registry?: string
  readonly wait: number
}

const online = (command: Command): Command =>
  command
    .option('--registry <url>', "root of the registry's Confluent-compatible API (default: as configured)", address)
    .addOption(
      new Option('--wait <duration>', 'how long to wait for the registry')
        .argParser(duration)
        .default(milliseconds('60 seconds'), '60 seconds'),
    )

const contractsFolder = join(repositoryRoot, 'schemas')
const generatedFolder = join(contractsFolder, 'generated')
const contracts = (): readonly Contract[] => readContracts(contractsFolder)

function duration(text: string): number {
  try {
    return milliseconds(text)
  } catch (thrown) {
    throw new InvalidArgumentError(reasonOf(thrown))
  }
}

function address(text: string): string {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) throw new InvalidArgumentError('It is not an http address.')
  return text.replace(/\/$/, '')
}

function generate(all: readonly Contract[]): void {
  const changes = bringInLine(generatedFolder, all)
  for (const [file, difference] of changes) console.log(`  schemas/generated/${file} was ${difference}`)
  console.log(
    `${all.length} contracts, ${changes.size === 0 ? 'nothing to change' : `${changes.size} files brought in line`}`,
  )
}

async function check(all: readonly Contract[], options: Online & { readonly offline?: boolean }): Promise<void> {
  requireFresh(generatedFolder, all)
  if (options.offline === true) return console.log(`${all.length} contracts are well formed, generated files are fresh`)
  await withRegistry(options, async (registry) => requireCompatible(await compareWithRegistry(all, registry)))
  console.log(`${all.length} contracts are well formed and compatible, generated files are fresh`)
}

async function registerAll(all: readonly Contract[], options: Online): Promise<void> {
  requireFresh(generatedFolder, all)
  await withRegistry(options, async (registry) => {
    requireCompatible(await compareWithRegistry(all, registry))
    const rows: string[][] = []
    for (const contract of all)
      rows.push([`${contract.topic.name}-value`, String(await registry.register(topicOf(contract)))])
    console.log(table(['subject', 'schema id'], rows))
  })
  if (options.registry !== undefined) return
  const platform = openPlatform((message) => console.error(message))
  try {
    await prepareTopics(platform)
    console.log(`${all.length} topics are there, with partitions and retention as in their contracts`)
  } finally {
    await platform.close()
  }
}

async function withRegistry(options: Online, work: (registry: Registry) => Promise<void>): Promise<void> {
  const url = options.registry ?? loadAddresses().registry.url
  const registry = connectRegistry({ url, waitMs: options.wait, onWaiting: (message) => console.error(message) })
  try {
    await work(registry)
  } finally {
    await registry.close()
  }
}

function list(all: readonly Contract[], json: boolean): void {
  console.log(json ? JSON.stringify(all.map(described), null, 2) : table(HEAD, all.map(row)))
}

/** Without the Avro text: the contract's file is that. */
const described = ({ avro: _, ...contract }: Contract) => contract

const HEAD = ['topic', 'kind', 'key', 'event time', 'retention', 'owner', 'personal fields']

const row = ({ topic, fields }: Contract): readonly string[] => [
  topic.name,
  topic.kind,
  topic.key.join(', '),
  topic.time,
  topic.retention,
  topic.owner,
  fields.flatMap((field) => (field.pii ? [field.name] : [])).join(', '),
]
