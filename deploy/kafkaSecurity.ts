import { readFileSync } from 'node:fs'
import { KappaError } from '#engine/errors'
import type { Addresses } from './addresses.ts'

const PREFIX = 'KAPPA_KAFKA_'
type Name = 'TLS' | 'CA_FILE' | 'CERTIFICATE_FILE' | 'KEY_FILE' | 'SASL_MECHANISM' | 'USERNAME' | 'PASSWORD' | 'BROKERS'
type Values = { readonly [N in Name as `KAPPA_KAFKA_${N}`]: string }

/**
 * How Kafka's clients are let in, as the environment says. Throws CONFIG_INVALID naming the variable that is missing, that
 * says nothing without another, or whose file cannot be read.
 */
export function kafkaSecurity(
  read: (name: keyof Values) => string | undefined,
): Pick<Addresses['kafka'], 'tls' | 'sasl'> {
  const value = (name: Name) => read(`KAPPA_KAFKA_${name}`)
  const refuse = (text: string): never => {
    throw new KappaError('CONFIG_INVALID', `reading the environment: ${text}`)
  }
  const pem = (name: Name, what: 'CERTIFICATE' | 'PRIVATE KEY'): string | undefined => {
    const path = value(name)
    if (path === undefined) return undefined
    let held: string
    try {
      held = readFileSync(path, 'utf8')
    } catch (thrown) {
      throw new KappaError('CONFIG_INVALID', `reading the environment: ${PREFIX}${name}`, { cause: thrown })
    }
    const found = new RegExp(`-----BEGIN [A-Z ]*${what}-----`).test(held)
    return found ? held : refuse(`${PREFIX}${name} holds no ${what.toLowerCase()} in PEM`)
  }
  const needs = (names: readonly Name[], needed: Name): void => {
    for (const name of names)
      if (value(name) !== undefined && value(needed) === undefined)
        refuse(`${PREFIX}${name} is set, ${PREFIX}${needed} is not`)
  }
  needs(['TLS', 'SASL_MECHANISM'], 'BROKERS')
  needs(['CERTIFICATE_FILE'], 'KEY_FILE')
  needs(['KEY_FILE'], 'CERTIFICATE_FILE')
  for (const needed of ['SASL_MECHANISM', 'USERNAME', 'PASSWORD'] as const)
    needs(['SASL_MECHANISM', 'USERNAME', 'PASSWORD'], needed)
  const withTls = value('TLS') === 'on'
  for (const name of ['CA_FILE', 'CERTIFICATE_FILE', 'KEY_FILE'] as const)
    if (value(name) !== undefined && !withTls) refuse(`${PREFIX}${name} is set, but ${PREFIX}TLS is not 'on'`)
  const [mechanism, username, password] = [value('SASL_MECHANISM'), value('USERNAME'), value('PASSWORD')]
  const [ca, cert, key] = [
    pem('CA_FILE', 'CERTIFICATE'),
    pem('CERTIFICATE_FILE', 'CERTIFICATE'),
    pem('KEY_FILE', 'PRIVATE KEY'),
  ]
  return {
    ...(withTls
      ? {
          tls: {
            ...(ca === undefined ? {} : { ca }),
            ...(cert === undefined ? {} : { cert }),
            ...(key === undefined ? {} : { key }),
          },
        }
      : {}),
    ...(mechanism === undefined || username === undefined || password === undefined
      ? {}
      : { sasl: { mechanism: mechanism as NonNullable<Addresses['kafka']['sasl']>['mechanism'], username, password } }),
  }
}
