import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { KappaError } from '#engine/errors'
import { keyText } from '#engine/schema'
import type { SubjectSecret } from './contract.ts'

/** Where a sealed value belongs. It opens nowhere else: a ciphertext copied to another field, subject or topic is refused. */
export interface SealedAt {
  /** The contract's topic name, without a generation. */
  readonly topic: string
  readonly field: string
  /** The subject's id, as text. */
  readonly subject: string
}

/** What a personal value of an erased subject reads as, sealed or masked. */
export const ERASED = 'erased'

const PREFIX = 'sealed:v1:'
const NONCE = 12
const TAG = 16

/** Nonces drawn at once: a call of the system's generator costs as much as sealing a short text. */
const DRAWN = 1_024
let drawn = Buffer.alloc(0)
let used = 0

/** Random bytes that were never given out before. */
function freshNonce(): Buffer {
  if (used === drawn.length) {
    drawn = randomBytes(DRAWN * NONCE)
    used = 0
  }
  used += NONCE
  return drawn.subarray(used - NONCE, used)
}

const associated = ({ topic, field, subject }: SealedAt): Buffer => Buffer.from(keyText([topic, field, subject]))

/**
 * AES-256-GCM (NIST SP 800-38D) under the subject's key; a fresh random 96-bit nonce each time; topic, field and subject
 * are associated data. The text is `sealed:v1:` and base64url of nonce, ciphertext and 128-bit tag.
 */
export function sealText(secret: SubjectSecret, at: SealedAt, plaintext: string): string {
  const nonce = freshNonce()
  const cipher = createCipheriv('aes-256-gcm', secret.sealKey, nonce).setAAD(associated(at))
  const body = cipher.update(plaintext, 'utf8')
  const sealed = Buffer.concat([nonce, body, cipher.final(), cipher.getAuthTag()])
  return PREFIX + sealed.toString('base64url')
}

export const isSealed = (text: string): boolean => text.startsWith(PREFIX)

/**
 * The plaintext. `erased` opens to itself: the subject was already erased when the producer met it. Throws DECODE_FAILED,
 * naming topic and field but never the value, for what was not sealed here: plaintext, altered bytes, another subject.
 */
export function openSealed(secret: SubjectSecret, at: SealedAt, sealed: string): string {
  if (sealed === ERASED) return ERASED
  const doing = `opening ${at.topic} field ${at.field}`
  if (!isSealed(sealed)) throw new KappaError('DECODE_FAILED', `${doing}: the value is not sealed`)
  const bytes = Buffer.from(sealed.slice(PREFIX.length), 'base64url')
  if (bytes.length < NONCE + TAG) throw new KappaError('DECODE_FAILED', `${doing}: the value is cut short`)
  const end = bytes.length - TAG
  const decipher = createDecipheriv('aes-256-gcm', secret.sealKey, bytes.subarray(0, NONCE), { authTagLength: TAG })
  decipher.setAAD(associated(at)).setAuthTag(bytes.subarray(end))
  try {
    return decipher.update(bytes.subarray(NONCE, end), undefined, 'utf8') + decipher.final('utf8')
  } catch {
    throw new KappaError('DECODE_FAILED', `${doing}: not sealed for this field and subject, or altered`)
  }
}
