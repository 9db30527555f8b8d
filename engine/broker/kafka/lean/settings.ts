import type { ConnectionOptions } from 'node:tls'

export interface Sasl {
  readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'
  readonly username: string
  readonly password: string
}

/** How the lean reader reaches a cluster. Hosts are `host:port`, of some brokers; the others are learnt from them. */
export interface LeanSettings {
  readonly brokers: readonly string[]
  readonly clientId: string
  /** Absent: no TLS. Certificates are checked unless the options say otherwise. */
  readonly tls?: ConnectionOptions
  readonly sasl?: Sasl
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
