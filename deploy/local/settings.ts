import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { KappaError } from '#engine/errors'
import type { Addresses } from '../addresses.ts'

const port = z.int().min(1).max(65_535)
const secret = z.string().min(1)

/**
 * `config.json` of a data folder: every port and credential of the local stack, generated at the first start and the
 * operator's to edit afterwards (with the stack down). Unknown keys are refused, so that a misspelt one is seen.
 */
const settingsSchema = z.strictObject({
  ports: z.strictObject({
    kafka: port,
    kafkaController: port,
    registry: port,
    s3: port,
    redis: port,
    clickhouse: port,
  }),
  kafka: z.strictObject({ clusterId: secret }),
  redis: z.strictObject({ password: secret }),
  s3: z.strictObject({ region: secret, bucket: secret, accessKeyId: secret, secretAccessKey: secret }),
  clickhouse: z.strictObject({
    username: secret,
    password: secret,
    reader: z.strictObject({ username: secret, password: secret }),
  }),
})

export type Settings = z.infer<typeof settingsSchema>
export type Ports = Settings['ports']
export type PortName = keyof Ports

/** Chosen away from the usual ports of each service, so that a common installation does not collide. */
export const defaultPorts: Ports = {
  kafka: 19_092,
  kafkaController: 19_093,
  registry: 18_081,
  s3: 19_000,
  redis: 16_379,
  clickhouse: 18_123,
}

/** All on the loopback interface: the local stack is never reachable from outside. */
export const host = '127.0.0.1'

export const settingsFile = (dataFolder: string): string => join(dataFolder, 'config.json')
const masterKeyFile = (dataFolder: string): string => join(dataFolder, 'master.key')

/** `undefined` where the stack was never started here. Throws CONFIG_INVALID naming the key that cannot be used. */
export function readSettings(dataFolder: string): Settings | undefined {
  const file = settingsFile(dataFolder)
  if (!existsSync(file)) return undefined
  let value: unknown
  try {
    value = JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw new KappaError('CONFIG_INVALID', `reading ${file}`, { cause })
  }
  const parsed = settingsSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}`)
  throw new KappaError('CONFIG_INVALID', `reading ${file}: ${problems.join('; ')}`)
}

/** The settings of this folder; generated, with fresh credentials and a master key, where there are none. */
export function ensureSettings(dataFolder: string, ports: Ports = defaultPorts): Settings {
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 })
  if (!existsSync(masterKeyFile(dataFolder)))
    writePrivate(masterKeyFile(dataFolder), randomBytes(32).toString('base64'))
  const existing = readSettings(dataFolder)
  if (existing !== undefined) return existing
  const settings: Settings = {
    ports,
    kafka: { clusterId: newClusterId() },
    redis: { password: password() },
    s3: { region: 'us-east-1', bucket: 'kappa', accessKeyId: `kappa${letters(12)}`, secretAccessKey: password() },
    clickhouse: {
      username: 'kappa',
      password: password(),
      reader: { username: 'kappa_reader', password: password() },
    },
  }
  writePrivate(settingsFile(dataFolder), `${JSON.stringify(settings, null, 2)}\n`)
  return settings
}

/** What clients of the local stack need; `undefined` where it was never started here. */
export function localAddresses(dataFolder: string): Addresses | undefined {
  const settings = readSettings(dataFolder)
  if (settings === undefined) return undefined
  const { ports, redis, s3, clickhouse } = settings
  return {
    kafka: { brokers: [`${host}:${ports.kafka}`] },
    registry: { url: `http://${host}:${ports.registry}/apis/ccompat/v7` },
    clickhouse: { url: `http://${host}:${ports.clickhouse}`, ...clickhouse },
    s3: { endpoint: `http://${host}:${ports.s3}`, ...s3 },
    redis: { url: `redis://:${redis.password}@${host}:${ports.redis}` },
    masterKey: readFileSync(masterKeyFile(dataFolder), 'utf8').trim(),
  }
}

const password = (): string => letters(32)

/** Lower-case hexadecimal: needs no escaping in a URL, a shell or a properties file. */
const letters = (length: number): string => randomBytes(length).toString('hex').slice(0, length)

/** Written whole or not at all, and readable by its owner only. */
export function writePrivate(file: string, text: string): void {
  const temporary = `${file}.${process.pid}.tmp`
  writeFileSync(temporary, text, { mode: 0o600 })
  renameSync(temporary, file)
}

/** 16 bytes in base64url, as Kafka writes ids; never one that begins with '-', which its tools would take for a flag. */
export function newClusterId(): string {
  const bytes = randomBytes(16)
  bytes.writeUInt8(bytes.readUInt8(0) & 0x7f, 0)
  return bytes.toString('base64url')
}
