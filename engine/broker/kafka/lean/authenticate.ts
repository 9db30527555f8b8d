import { KappaError } from '#engine/errors'
import type { Sasl } from '../security.ts'
import { codeName } from './error-codes.ts'
import { type Call, calls } from './protocol.ts'
import { RequestBody } from './request.ts'
import type { ResponseBody } from './response.ts'
import { clientFinal, clientFirst, type ScramHash, verifyServer } from './scram.ts'

interface Caller {
  call(call: Call, body: Buffer): Promise<ResponseBody>
}

/**
 * Proves who we are: SASL PLAIN (RFC 4616) or SCRAM (RFC 5802, RFC 7677) within Kafka's calls (KIP-43, KIP-152).
 * Throws BROKER where the broker refuses, or where it cannot prove that it knows the password itself. A session that the
 * broker lets expire (KIP-368) ends with the connection, and a new one is opened.
 */
export async function authenticate(caller: Caller, name: string, sasl: Sasl): Promise<void> {
  const doing = `logging in to Kafka at ${name} as ${sasl.username} (${sasl.mechanism})`
  const hand = await caller.call(calls.saslHandshake, new RequestBody().string(sasl.mechanism).done())
  const refused = hand.int16()
  if (refused !== 0) {
    const offered = hand.array(() => hand.string()).join(', ')
    throw new KappaError('BROKER', `${doing}: ${codeName(refused)}; it offers ${offered}`)
  }
  const exchange = async (message: Buffer): Promise<Buffer> => {
    const answer = await caller.call(calls.saslAuthenticate, new RequestBody().bytes(message).done())
    const error = answer.int16()
    const text = answer.string()
    if (error !== 0) throw new KappaError('BROKER', `${doing}: ${text ?? codeName(error)}`)
    return answer.bytes() ?? Buffer.alloc(0)
  }
  if (sasl.mechanism === 'PLAIN') {
    await exchange(Buffer.from(`\0${sasl.username}\0${sasl.password}`))
    return
  }
  const hash: ScramHash = sasl.mechanism === 'SCRAM-SHA-256' ? 'sha256' : 'sha512'
  const first = clientFirst(sasl.username)
  const final = clientFinal(hash, first, String(await exchange(Buffer.from(first.message))), sasl.password)
  if (final === undefined) throw new KappaError('BROKER', `${doing}: the broker's challenge makes no sense`)
  if (!verifyServer(final, String(await exchange(Buffer.from(final.message)))))
    throw new KappaError('BROKER', `${doing}: the broker does not know the password itself`)
}
