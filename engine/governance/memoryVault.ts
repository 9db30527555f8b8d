import { randomBytes } from 'node:crypto'
import { KappaError } from '#engine/errors'
import type { KeyVault, SubjectSecret } from './contract.ts'
import { masterKey, newSecret, unwrapSecret, wrapSecret } from './masterKey.ts'

export interface MemoryVault extends KeyVault {
  /** Destroys the secret; none is made again. */
  erase(subject: string): void
  /** While true, `secrets` throws retriable SERVICE_UNAVAILABLE, as a vault that is away does. */
  away: boolean
  /** How many times `secrets` was asked. */
  readonly roundTrips: number
}

/** A vault in a map, for tests and dry runs. Wraps what it keeps exactly as the Redis vault does. */
export function memoryVault(options: { readonly masterKey?: string } = {}): MemoryVault {
  const master = masterKey(options.masterKey ?? randomBytes(32).toString('base64'))
  const kept = new Map<string, string | null>()
  let roundTrips = 0
  const vault: MemoryVault = {
    away: false,
    get roundTrips() {
      return roundTrips
    },
    async secrets(subjects) {
      if (vault.away) throw new KappaError('SERVICE_UNAVAILABLE', 'asking the vault in memory', { retriable: true })
      roundTrips++
      const found = new Map<string, SubjectSecret | null>()
      for (const subject of subjects) {
        let wrapped = kept.get(subject)
        if (wrapped === undefined) {
          wrapped = wrapSecret(master, subject, newSecret())
          kept.set(subject, wrapped)
        }
        found.set(subject, wrapped === null ? null : unwrapSecret(master, subject, wrapped))
      }
      return found
    },
    erase(subject) {
      kept.set(subject, null)
    },
    async close() {},
  }
  return vault
}
