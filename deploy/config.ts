import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { KappaError } from '#engine/errors'
import type { Addresses } from './addresses.ts'
import { chromiumOn } from './chromium.ts'
import { kafkaSecurity } from './kafkaSecurity.ts'
import type { ServiceName } from './local/services/contract.ts'
import { localAddresses } from './local/settings.ts'

export const repositoryRoot = fileURLToPath(new URL('..', import.meta.url))

const text = z.string().min(1, 'is empty')
const address = (...protocols: string[]) =>
  text.refine(
    (value) => URL.canParse(value) && protocols.includes(new URL(value).protocol.slice(0, -1)),
    `is not an address of the form ${protocols[0]}://host:port`,
  )

/** Every environment variable that Kappa reads. One that is set to something unusable is refused, never passed over. */
const variables = {
  KAPPA_KAFKA_BROKERS: text.regex(/^[^\s,:]+:\d+(,[^\s,:]+:\d+)*$/, 'is not a list host:port,host:port'),
  /** `on`: brokers are spoken to by TLS, and their certificates checked. */
  KAPPA_KAFKA_TLS: z.enum(['on', 'off']),
  /** PEM file of the authorities that vouch for the brokers, where they are not those of the machine. */
  KAPPA_KAFKA_CA_FILE: text,
  /** PEM files of our own certificate and its key, for brokers that ask for one. */
  KAPPA_KAFKA_CERTIFICATE_FILE: text,
  KAPPA_KAFKA_KEY_FILE: text,
  KAPPA_KAFKA_SASL_MECHANISM: z.enum(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512']),
  KAPPA_KAFKA_USERNAME: text,
  KAPPA_KAFKA_PASSWORD: text,
  KAPPA_REGISTRY_URL: address('http', 'https'),
  KAPPA_CLICKHOUSE_URL: address('http', 'https'),
  KAPPA_CLICKHOUSE_USERNAME: text,
  KAPPA_CLICKHOUSE_PASSWORD: z.string(),
  KAPPA_CLICKHOUSE_READER_USERNAME: text,
  KAPPA_CLICKHOUSE_READER_PASSWORD: z.string(),
  /** The cluster of ClickHouse's configuration on which tables are made, replicated. */
  KAPPA_CLICKHOUSE_CLUSTER: text.regex(/^[A-Za-z_][A-Za-z0-9_-]*$/, 'is not the name of a cluster'),
  /** Whether its tables are spread over shards, too. */
  KAPPA_CLICKHOUSE_SHARDED: z.enum(['yes', 'no']),
  KAPPA_S3_ENDPOINT: address('http', 'https'),
  KAPPA_S3_REGION: text,
  KAPPA_S3_BUCKET: text.regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'is not a bucket name'),
  KAPPA_S3_ACCESS_KEY_ID: text,
  KAPPA_S3_SECRET_ACCESS_KEY: text,
  KAPPA_REDIS_URL: address('redis', 'rediss'),
  KAPPA_MASTER_KEY: text.refine(is32Bytes, 'is not 32 bytes in base64'),
  /** Prefixes consumer groups and transactional ids, so that several installations share a cluster. */
  KAPPA_APP: text.regex(/^[a-z][a-z0-9-]{0,39}$/, 'is not of lower-case letters, digits and dashes'),
  /** Who fetches records from Kafka: `lean` for our own reader. */
  KAPPA_FETCHING: z.enum(['lean', 'librdkafka']),
  /** For how many seconds a worker that starts waits for a Kafka that is away; a minute where it is not set. */
  KAPPA_KAFKA_PATIENCE_SECONDS: text.regex(/^\d{1,6}$/, 'is not a whole number of seconds'),
  /** Where the local stack keeps everything it has: data, config, logs. */
  KAPPA_DATA: text,
  /** Where downloads are kept: worth sharing between clones, and safe to delete. */
  KAPPA_CACHE: text,
  /** A module with `processors` of its own, in place of the house's. */
  KAPPA_PROCESSORS: text.regex(/\.m?[jt]s$/, 'is not the path of a module'),
  /** What runs when, in place of deploy/schedule.yml. */
  KAPPA_SCHEDULE: text.regex(/\.(ya?ml|json)$/, 'is not the path of a YAML file'),
  /** Keys of the APIs that `kappa ingest http` asks. */
  KAPPA_AVIATIONSTACK_KEY: text,
  KAPPA_OPENWEATHER_KEY: text,
  KAPPA_CATALOGUE_KEY: text,
  /** The zone of calendar days, weeks and months in gold; Europe/Paris where it is not set. */
  KAPPA_MARTS_TIME_ZONE: text.refine(isTimeZone, 'is not the name of a time zone, as Europe/Paris'),
  /** Which files come from where, in place of deploy/sources/files.yml. */
  KAPPA_FILES: text.regex(/\.(ya?ml|json)$/, 'is not the path of a YAML file'),
  /** Steps that depend on one another, in place of deploy/flows.yml. */
  KAPPA_FLOWS: text.regex(/\.(ya?ml|json)$/, 'is not the path of a YAML file'),
  /** Which tables of which databases become which events, in place of deploy/sources/sql.yml. */
  KAPPA_SQL: text.regex(/\.(ya?ml|json)$/, 'is not the path of a YAML file'),
  /** Which web pages become which events, in place of deploy/sources/pages.yml. */
  KAPPA_PAGES: text.regex(/\.(ya?ml|json)$/, 'is not the path of a YAML file'),
  /** The browser that reads web pages, where it is not on the path; `off`: no sandbox, for containers that allow none. */
  KAPPA_CHROMIUM: text,
  KAPPA_CHROMIUM_SANDBOX: z.enum(['on', 'off']),
  KAPPA_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
  JAVA_HOME: text,
} as const

export type Variable = keyof typeof variables
export const variableNames = Object.keys(variables) as readonly Variable[]
export type Environment = Partial<Record<string, string>>

function is32Bytes(value: string): boolean {
  return /^[A-Za-z0-9+/]{43}=$/.test(value) && Buffer.from(value, 'base64').length === 32
}

function isTimeZone(value: string): boolean {
  return /^[A-Za-z0-9_+/-]+$/.test(value) && (value === 'UTC' || Intl.supportedValuesOf('timeZone').includes(value))
}

/** The value of a variable, or `undefined` where it is not set. Throws CONFIG_INVALID naming it where it cannot be used. */
function read<V extends Variable>(name: V, environment: Environment): z.infer<(typeof variables)[V]> | undefined {
  const value = environment[name]
  if (value === undefined) return undefined
  const parsed = variables[name].safeParse(value)
  if (parsed.success) return parsed.data as z.infer<(typeof variables)[V]>
  throw new KappaError('CONFIG_INVALID', `reading the environment: ${name} ${parsed.error.issues[0]?.message}`)
}

/** The variable whose presence says that a service is somebody else's to run. */
const givenBy: Record<ServiceName, Variable> = {
  kafka: 'KAPPA_KAFKA_BROKERS',
  registry: 'KAPPA_REGISTRY_URL',
  clickhouse: 'KAPPA_CLICKHOUSE_URL',
  s3: 'KAPPA_S3_ENDPOINT',
  redis: 'KAPPA_REDIS_URL',
}

const usualPorts: Record<string, string> = { 'http:': '80', 'https:': '443', 'redis:': '6379', 'rediss:': '6379' }

/**
 * The services whose address the environment gives, with the `host:port` of each: the local stack does not start these.
 */
export function givenServices(environment: Environment = process.env): ReadonlyMap<ServiceName, readonly string[]> {
  const given = new Map<ServiceName, readonly string[]>()
  for (const name of Object.keys(givenBy) as ServiceName[]) {
    const value = read(givenBy[name], environment)
    if (value !== undefined) given.set(name, name === 'kafka' ? value.split(',') : [hostAndPort(new URL(value))])
  }
  return given
}

const hostAndPort = ({ hostname, port, protocol }: URL): string =>
  `${hostname.replace(/^\[|\]$/g, '')}:${port || usualPorts[protocol]}`

/**
 * Where every service is: the local stack's config, overlaid field by field by the environment. The credentials of a
 * service that the environment names are never those of the local stack. Throws CONFIG_INVALID naming the variable that
 * is wrong or missing.
 */
export function loadAddresses(environment: Environment = process.env): Addresses {
  const local = localAddresses(dataFolder(environment))
  const given = givenServices(environment)
  const value = <V extends Variable>(name: V, own: z.infer<(typeof variables)[V]> | undefined) => {
    const result = read(name, environment) ?? own
    if (result !== undefined) return result
    const advice = local === undefined ? 'start the local stack with `kappa up`, or set it' : 'set it'
    throw new KappaError('CONFIG_INVALID', `reading the environment: ${name} is not set; ${advice}`)
  }
  const clickhouse = given.has('clickhouse') ? undefined : local?.clickhouse
  const s3 = given.has('s3') ? undefined : local?.s3
  const username = value('KAPPA_CLICKHOUSE_USERNAME', clickhouse?.username)
  const password = value('KAPPA_CLICKHOUSE_PASSWORD', clickhouse?.password)
  const cluster = read('KAPPA_CLICKHOUSE_CLUSTER', environment)
  const sharded = read('KAPPA_CLICKHOUSE_SHARDED', environment) === 'yes'
  if (sharded && cluster === undefined)
    throw new KappaError(
      'CONFIG_INVALID',
      'reading the environment: KAPPA_CLICKHOUSE_SHARDED needs KAPPA_CLICKHOUSE_CLUSTER',
    )
  return {
    kafka: {
      brokers: value('KAPPA_KAFKA_BROKERS', local?.kafka.brokers.join(',')).split(','),
      ...kafkaSecurity((name) => read(name, environment)),
    },
    registry: { url: value('KAPPA_REGISTRY_URL', local?.registry.url).replace(/\/$/, '') },
    clickhouse: {
      url: value('KAPPA_CLICKHOUSE_URL', clickhouse?.url).replace(/\/$/, ''),
      username,
      password,
      reader: {
        username: value('KAPPA_CLICKHOUSE_READER_USERNAME', clickhouse?.reader.username),
        password: value('KAPPA_CLICKHOUSE_READER_PASSWORD', clickhouse?.reader.password),
      },
      ...(cluster === undefined ? {} : { cluster: { name: cluster, sharded } }),
    },
    s3: {
      endpoint: value('KAPPA_S3_ENDPOINT', s3?.endpoint).replace(/\/$/, ''),
      region: value('KAPPA_S3_REGION', s3?.region ?? 'us-east-1'),
      bucket: value('KAPPA_S3_BUCKET', s3?.bucket ?? 'kappa'),
      accessKeyId: value('KAPPA_S3_ACCESS_KEY_ID', s3?.accessKeyId),
      secretAccessKey: value('KAPPA_S3_SECRET_ACCESS_KEY', s3?.secretAccessKey),
    },
    redis: { url: value('KAPPA_REDIS_URL', local?.redis.url) },
    masterKey: value('KAPPA_MASTER_KEY', local?.masterKey),
  }
}

/** Where the local stack lives: `KAPPA_DATA`, or `.kappa` in the repository. */
export const dataFolder = (environment: Environment = process.env): string =>
  resolve(read('KAPPA_DATA', environment) ?? join(repositoryRoot, '.kappa'))

/** Where downloads are kept: `KAPPA_CACHE`, or `~/.cache/kappa`, so that a fresh clone starts from a warm cache. */
export const cacheFolder = (environment: Environment = process.env): string =>
  resolve(read('KAPPA_CACHE', environment) ?? join(homedir(), '.cache', 'kappa'))

/** The name under which this installation's groups and transactions are known to Kafka. */
export const appName = (environment: Environment = process.env): string => read('KAPPA_APP', environment) ?? 'kappa'

/** Who fetches records from Kafka; `undefined`: the default. */
export const fetching = (environment: Environment = process.env) => read('KAPPA_FETCHING', environment)

/** Threads for calls that block; libuv takes 4 where nothing is said, and reads it before any code of ours runs. */
export function blockingThreads(environment: Environment = process.env): number {
  const size = Number(environment.UV_THREADPOOL_SIZE)
  return Number.isInteger(size) && size > 0 ? Math.min(size, 1_024) : 4
}

/** For how long a worker that starts waits for a Kafka that is away. Milliseconds. */
export const kafkaPatienceMs = (environment: Environment = process.env): number =>
  Number(read('KAPPA_KAFKA_PATIENCE_SECONDS', environment) ?? '60') * 1_000

export const logLevel = (environment: Environment = process.env) => read('KAPPA_LOG_LEVEL', environment) ?? 'info'

/** The `java` of `JAVA_HOME`, or else of the path. */
export function javaCommand(environment: Environment = process.env): string {
  const home = read('JAVA_HOME', environment)
  return home === undefined ? 'java' : join(home, 'bin', 'java')
}

/** The path of the module whose processors are run in place of the house's; `undefined`: the house's. */
export function processorsModule(environment: Environment = process.env): string | undefined {
  const path = read('KAPPA_PROCESSORS', environment)
  return path === undefined ? undefined : resolve(path)
}

/** The path of the file that says what runs when: `KAPPA_SCHEDULE`, or the repository's. */
export const scheduleFile = (environment: Environment = process.env): string =>
  resolve(read('KAPPA_SCHEDULE', environment) ?? join(repositoryRoot, 'deploy', 'schedule.yml'))

/** The key of an API, by its variable. Throws CONFIG_INVALID where it is not set and `optional` is not true. */
export function apiKey(name: string, optional = false, environment: Environment = process.env): string | undefined {
  const variable = variableNames.find((known) => known === name)
  const key = variable === undefined ? undefined : read(variable, environment)
  if (key !== undefined || optional) return key
  throw new KappaError('CONFIG_INVALID', `reading the environment: ${name} is not set; it holds the API's key`)
}

export const DEFAULT_MARTS_TIME_ZONE = 'Europe/Paris'

/** The zone of the calendar of marts. */
export const martsTimeZone = (environment: Environment = process.env): string =>
  read('KAPPA_MARTS_TIME_ZONE', environment) ?? DEFAULT_MARTS_TIME_ZONE
/** The path of the file that says which files come from where: `KAPPA_FILES`, or the repository's. */
export const filesConfig = (environment: Environment = process.env): string =>
  resolve(read('KAPPA_FILES', environment) ?? join(repositoryRoot, 'deploy', 'sources', 'files.yml'))

/** The path of the file that declares flows: `KAPPA_FLOWS`, or the repository's. */
export const flowsFile = (environment: Environment = process.env): string =>
  resolve(read('KAPPA_FLOWS', environment) ?? join(repositoryRoot, 'deploy', 'flows.yml'))

/** The path of the file that says which tables become which events: `KAPPA_SQL`, or the repository's. */
export const sqlConfig = (environment: Environment = process.env): string =>
  resolve(read('KAPPA_SQL', environment) ?? join(repositoryRoot, 'deploy', 'sources', 'sql.yml'))

/** The path of the file that says which web pages become which events: `KAPPA_PAGES`, or the repository's. */
export const pagesConfig = (environment: Environment = process.env): string =>
  resolve(read('KAPPA_PAGES', environment) ?? join(repositoryRoot, 'deploy', 'sources', 'pages.yml'))

/**
 * The browser that reads web pages, and whether it runs in its sandbox: root's cannot. Throws CONFIG_INVALID saying what to
 * install where there is none.
 */
export const chromium = (environment: Environment = process.env) => ({
  executable: chromiumOn(environment.PATH ?? '', read('KAPPA_CHROMIUM', environment)),
  sandbox: (read('KAPPA_CHROMIUM_SANDBOX', environment) ?? (process.getuid?.() === 0 ? 'off' : 'on')) === 'on',
})

/** The variable that holds the password of a database: `KAPPA_SQL_PASSWORD_SHOP_2` for `shop-2`. */
export const sqlPasswordVariable = (source: string): string =>
  `KAPPA_SQL_PASSWORD_${source.toUpperCase().replaceAll('-', '_')}`

/** The password of a database; undefined where none is set, and the server may let the account in without. */
export const sqlPassword = (source: string, environment: Environment = process.env): string | undefined =>
  environment[sqlPasswordVariable(source)]
