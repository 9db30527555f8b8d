import { createHmac } from 'node:crypto'
import type { Pii } from '#engine/schema'
import type { SubjectSecret } from './contract.ts'
import { generalise } from './generalise.ts'
import { ERASED, openSealed } from './seal.ts'

/** E-mail addresses are one whatever their case and the space around them; other text is taken as it is. */
const normalised = (plaintext: string): string =>
  plaintext.includes('@') ? plaintext.trim().toLowerCase() : plaintext.normalize('NFC')

/**
 * HMAC-SHA-256 (RFC 2104) under the subject's own secret, base64url, 43 characters: equal for equal values of one subject
 * in every topic, so rows can be joined; meaningless once the secret is destroyed.
 */
export const pseudonymOf = (secret: SubjectSecret, plaintext: string): string =>
  createHmac('sha256', secret.pseudonymKey).update(normalised(plaintext), 'utf8').digest('base64url')

/** The shape alone: capitals become `X`, other letters `x`, digits `0`; punctuation and spaces stay where they were. */
export const maskShape = (plaintext: string): string =>
  plaintext
    .replace(/\p{M}/gu, '')
    .replace(/\p{Lu}/gu, 'X')
    .replace(/(?!X)\p{L}/gu, 'x')
    .replace(/\p{N}/gu, '0')

/** A personal value as its strategy leaves it; null where the strategy is to drop it. */
export function masked(pii: Pii, secret: SubjectSecret, plaintext: string): string | null {
  if (plaintext === ERASED) return pii.strategy === 'drop' ? null : ERASED
  switch (pii.strategy) {
    case 'drop':
      return null
    case 'mask':
      return maskShape(plaintext)
    case 'generalise':
      return generalise(pii.keep ?? 'city', plaintext)
    case 'pseudonym':
      return pseudonymOf(secret, plaintext)
  }
}

/**
 * What a masking processor makes of one field of a sealed topic: opened, then masked by its strategy. Null stays null; a
 * subject without a secret (`null` from the vault: erased or suppressed) reads as `erased`. Throws DECODE_FAILED.
 */
export function maskedField(
  topic: string,
  field: { readonly name: string; readonly pii: Pii },
  subject: string,
  secret: SubjectSecret | null,
  value: string | null,
): string | null {
  if (value === null || field.pii.strategy === 'drop') return null
  if (secret === null) return ERASED
  const plaintext = field.pii.sealed ? openSealed(secret, { topic, field: field.name, subject }, value) : value
  return masked(field.pii, secret, plaintext)
}
