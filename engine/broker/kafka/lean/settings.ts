import type { Security } from '../security.ts'

/** How the lean reader reaches a cluster. Hosts are `host:port`, of some brokers; the others are learnt from them. */
export interface LeanSettings extends Security {
  readonly brokers: readonly string[]
  readonly clientId: string
}

export interface Endpoint {
  readonly host: string
  readonly port: number
}

export const endpointOf = (broker: string): Endpoint => {
  const colon = broker.lastIndexOf(':')
  return { host: broker.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(broker.slice(colon + 1)) }
}

export const nameOf = ({ host, port }: Endpoint): string => `${host}:${port}`
