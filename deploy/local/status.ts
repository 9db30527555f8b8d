import { connect } from 'node:net'
import { reasonOf } from '#engine/errors'
import { livingProcess, type ProcessRecord } from './processes/record.ts'
import { clickhouseIsBuilt, type ServiceName, serviceNames, serviceOf } from './services/index.ts'
import { host, readSettings } from './settings.ts'

/**
 * - `healthy`: answers as a client would ask
 * - `silent`: the process lives, or the given address should answer, and does not
 * - `stopped`: started here before, or never
 */
export type Health = 'healthy' | 'silent' | 'stopped'

export interface ServiceStatus {
  readonly service: ServiceName
  /** `given`: its address comes from the environment, and it is not ours to start or stop. */
  readonly home: 'local' | 'given'
  readonly health: Health
  /** Why it is not healthy. */
  readonly reason?: string
  /** `host:port` that clients use; several where several were given. */
  readonly address?: string
  readonly process?: ProcessRecord
}

/** The state of every service, asked just now. `given` holds `host:port` lists of services that the environment names. */
export function stackStatus(
  dataFolder: string,
  given: ReadonlyMap<ServiceName, readonly string[]> = new Map(),
): Promise<ServiceStatus[]> {
  const built = serviceNames.filter((name) => given.has(name) || name !== 'clickhouse' || clickhouseIsBuilt())
  return Promise.all(
    built.map((service) => {
      const addresses = given.get(service)
      return addresses === undefined ? localStatus(dataFolder, service) : givenStatus(service, addresses)
    }),
  )
}

async function localStatus(dataFolder: string, service: ServiceName): Promise<ServiceStatus> {
  const settings = readSettings(dataFolder)
  if (settings === undefined) return { service, home: 'local', health: 'stopped', reason: 'never started' }
  const { ports, probe } = serviceOf(service)
  const [port] = ports
  const address = port === undefined ? {} : { address: `${host}:${settings.ports[port]}` }
  const running = livingProcess(dataFolder, service)
  if (running === undefined) return { service, home: 'local', health: 'stopped', reason: 'no process', ...address }
  const common = { service, home: 'local', process: running, ...address } as const
  return probe(settings).then(
    () => ({ ...common, health: 'healthy' }),
    (error) => ({ ...common, health: 'silent', reason: reasonOf(error) }),
  )
}

async function givenStatus(service: ServiceName, addresses: readonly string[]): Promise<ServiceStatus> {
  const common = { service, home: 'given', address: addresses.join(',') } as const
  const reasons = await Promise.all(addresses.map((address) => dial(address).then(() => undefined, reasonOf)))
  const broken = reasons.find((reason) => reason !== undefined)
  return broken === undefined ? { ...common, health: 'healthy' } : { ...common, health: 'silent', reason: broken }
}

/** Resolves when a connection can be made. */
function dial(address: string): Promise<void> {
  const colon = address.lastIndexOf(':')
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address.slice(0, colon), port: Number(address.slice(colon + 1)) })
    const fail = (reason: string) => {
      socket.destroy()
      reject(new Error(`${address}: ${reason}`))
    }
    socket.setTimeout(3_000, () => fail('no answer within 3 s'))
    socket.on('error', (error) => fail(error.message))
    socket.on('connect', () => {
      socket.destroy()
      resolve()
    })
  })
}
