import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto'

/** SCRAM (RFC 5802) without channel binding, as Kafka's SCRAM-SHA-256 and SCRAM-SHA-512. */
export type ScramHash = 'sha256' | 'sha512'
const LENGTH = { sha256: 32, sha512: 64 } as const
/** RFC 7677 asks for 4096 at least; a broker that asks for less would have the password guessed more easily. */
const LEAST_ITERATIONS = 4_096
/** More would hold the process up for seconds. */
const MOST_ITERATIONS = 1_000_000

export interface ClientFirst {
  readonly message: string
  readonly bare: string
  readonly nonce: string
}

export interface ClientFinal {
  readonly message: string
  /** What the server must prove. */
  readonly serverSignature: Buffer
}

/** @param nonce for tests; else random */
export function clientFirst(username: string, nonce = randomBytes(24).toString('base64')): ClientFirst {
  const bare = `n=${username.replaceAll('=', '=3D').replaceAll(',', '=2C')},r=${nonce}`
  return { message: `n,,${bare}`, bare, nonce }
}

/** The proof; `undefined` where the server's challenge is not well formed, weak, or an answer to another client. */
export function clientFinal(
  hash: ScramHash,
  first: ClientFirst,
  challenge: string,
  password: string,
): ClientFinal | undefined {
  const fields = fieldsOf(challenge)
  const [nonce, salt, iterations] = [fields.get('r'), fields.get('s'), Number(fields.get('i'))]
  if (nonce === undefined || salt === undefined || !nonce.startsWith(first.nonce) || nonce === first.nonce)
    return undefined
  if (!Number.isInteger(iterations) || iterations < LEAST_ITERATIONS || iterations > MOST_ITERATIONS) return undefined
  const salted = pbkdf2Sync(password.normalize('NFKC'), Buffer.from(salt, 'base64'), iterations, LENGTH[hash], hash)
  const hmac = (key: Buffer, text: string): Buffer => createHmac(hash, key).update(text).digest()
  const clientKey = hmac(salted, 'Client Key')
  const storedKey = createHash(hash).update(clientKey).digest()
  const bare = `c=biws,r=${nonce}`
  const signed = `${first.bare},${challenge},${bare}`
  const signature = hmac(storedKey, signed)
  const proof = Buffer.from(clientKey.map((byte, i) => byte ^ (signature[i] ?? 0)))
  return {
    message: `${bare},p=${proof.toString('base64')}`,
    serverSignature: hmac(hmac(salted, 'Server Key'), signed),
  }
}

/** True where the server proved that it knows the password too. */
export function verifyServer(final: ClientFinal, answer: string): boolean {
  const proof = Buffer.from(fieldsOf(answer).get('v') ?? '', 'base64')
  return proof.length === final.serverSignature.length && timingSafeEqual(proof, final.serverSignature)
}

const fieldsOf = (message: string): Map<string, string> =>
  new Map(message.split(',').map((field): [string, string] => [field.slice(0, 1), field.slice(2)]))
