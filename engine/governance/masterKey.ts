import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { KappaError } from '#engine/errors'
import type { SubjectSecret } from './contract.ts'

/** Wraps subjects' secrets, so that the vault's files alone open nothing. */
export interface MasterKey {
  /** Names the key in what it wrapped: the start of a hash of it, which says nothing of the key. */
  readonly id: string
  readonly key: Buffer
}

/** Reads a master key of 32 bytes in base64. Throws CONFIG_INVALID without repeating it. */
export function masterKey(base64: string): MasterKey {
  const key = Buffer.from(base64, 'base64')
  if (key.length !== 32) throw new KappaError('CONFIG_INVALID', 'reading the master key: it is not 32 bytes in base64')
  return { id: createHash('sha256').update('kappa master key id').update(key).digest('hex').slice(0, 8), key }
}

/** Two fresh, independent random keys. */
export const newSecret = (): SubjectSecret => ({ sealKey: randomBytes(32), pseudonymKey: randomBytes(32) })

const NONCE = 12
const BODY = 64
const TAG = 16

/** The secret as it may be stored: AES-256-GCM under the master key, bound to its subject; `wrapped:v1:<key id>:<base64url>`. */
export function wrapSecret(master: MasterKey, subject: string, secret: SubjectSecret): string {
  const nonce = randomBytes(NONCE)
  const cipher = createCipheriv('aes-256-gcm', master.key, nonce).setAAD(Buffer.from(subject))
  const body = cipher.update(Buffer.concat([secret.sealKey, secret.pseudonymKey]))
  const wrapped = Buffer.concat([nonce, body, cipher.final(), cipher.getAuthTag()])
  return `wrapped:v1:${master.id}:${wrapped.toString('base64url')}`
}

/** Throws STATE_MISMATCH for what another master key wrapped, or what was altered or moved to another subject. */
export function unwrapSecret(master: MasterKey, subject: string, wrapped: string): SubjectSecret {
  const match = /^wrapped:v1:([0-9a-f]{8}):([\w-]+)$/.exec(wrapped)
  const doing = 'unwrapping a subject’s secret'
  if (!match) throw new KappaError('STATE_MISMATCH', `${doing}: the vault holds something else under its name`)
  if (match[1] !== master.id)
    throw new KappaError(
      'STATE_MISMATCH',
      `${doing}: it was wrapped by master key ${match[1]}, this one is ${master.id}`,
    )
  const bytes = Buffer.from(match[2] ?? '', 'base64url')
  if (bytes.length !== NONCE + BODY + TAG) throw new KappaError('STATE_MISMATCH', `${doing}: it is cut short`)
  const decipher = createDecipheriv('aes-256-gcm', master.key, bytes.subarray(0, NONCE), { authTagLength: TAG })
  decipher.setAAD(Buffer.from(subject)).setAuthTag(bytes.subarray(NONCE + BODY))
  try {
    const keys = Buffer.concat([decipher.update(bytes.subarray(NONCE, NONCE + BODY)), decipher.final()])
    return { sealKey: keys.subarray(0, 32), pseudonymKey: keys.subarray(32) }
  } catch (cause) {
    throw new KappaError('STATE_MISMATCH', `${doing}: it was altered or belongs to another subject`, { cause })
  }
}
