import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { KappaError } from '#engine/errors'

/** Keeps what waits on disk unreadable for whoever has the files alone. */
export interface SpoolCipher {
  close(plain: Buffer): Buffer
  /** Throws STATE_MISMATCH for what another key closed, or what was altered. */
  open(closed: Buffer): Buffer
}

const NONCE = 12
const TAG = 16

/** AES-256-GCM under a key of this spool's own, derived from the master key (HKDF-SHA-256, RFC 5869). */
export function spoolCipher(masterKey: Buffer, spoolId: string): SpoolCipher {
  const key = Buffer.from(hkdfSync('sha256', masterKey, spoolId, 'kappa collect spool', 32))
  return {
    close(plain) {
      const nonce = randomBytes(NONCE)
      const cipher = createCipheriv('aes-256-gcm', key, nonce)
      return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
    },
    open(closed) {
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, closed.subarray(0, NONCE), { authTagLength: TAG })
        decipher.setAuthTag(closed.subarray(closed.length - TAG))
        return Buffer.concat([decipher.update(closed.subarray(NONCE, -TAG)), decipher.final()])
      } catch (cause) {
        throw new KappaError('STATE_MISMATCH', 'reading the spool: another master key wrote it', { cause })
      }
    },
  }
}
