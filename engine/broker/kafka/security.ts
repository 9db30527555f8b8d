export interface Sasl {
  readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'
  readonly username: string
  readonly password: string
}

/** Certificates and keys are PEM. Who vouches for the brokers: `ca`, or the machine's authorities where it is absent. */
export interface Tls {
  readonly ca?: string | Buffer
  /** For brokers that ask who we are; `cert` and `key` come together. */
  readonly cert?: string | Buffer
  readonly key?: string | Buffer
  readonly passphrase?: string
}

/** How clients are let in. Absent: no TLS, no login. Names of brokers are always checked against their certificates. */
export interface Security {
  readonly tls?: Tls
  readonly sasl?: Sasl
}

/** librdkafka's settings for it. */
export function librdkafkaSecurity({ tls, sasl }: Security): Record<string, string> {
  if (!tls && !sasl) return {}
  return {
    'security.protocol': `${sasl ? 'sasl_' : ''}${tls ? 'ssl' : 'plaintext'}`,
    ...(tls?.ca === undefined ? {} : { 'ssl.ca.pem': String(tls.ca) }),
    ...(tls?.cert === undefined ? {} : { 'ssl.certificate.pem': String(tls.cert) }),
    ...(tls?.key === undefined ? {} : { 'ssl.key.pem': String(tls.key) }),
    ...(tls?.passphrase === undefined ? {} : { 'ssl.key.password': tls.passphrase }),
    ...(tls ? { 'ssl.endpoint.identification.algorithm': 'https' } : {}),
    ...(sasl
      ? { 'sasl.mechanisms': sasl.mechanism, 'sasl.username': sasl.username, 'sasl.password': sasl.password }
      : {}),
  }
}

const LIGHT = { PLAIN: 'plain', 'SCRAM-SHA-256': 'scram-sha-256', 'SCRAM-SHA-512': 'scram-sha-512' } as const

/** kafkajs's. */
export function kafkajsSecurity({ tls, sasl }: Security) {
  const login = sasl && { username: sasl.username, password: sasl.password }
  return {
    ...(tls ? { ssl: { ...tls } } : {}),
    ...(sasl && login ? { sasl: { mechanism: LIGHT[sasl.mechanism] as 'plain', ...login } } : {}),
  }
}
