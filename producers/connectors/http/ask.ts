import { randomUUID } from 'node:crypto'
import { reasonOf } from '#engine/errors'
import type { Clock } from '#engine/time'
import { retryAfterMs } from './back-off.ts'
import type { Target } from './contract.ts'
import type { ApiKey } from './secret.ts'

/** What a server said of a page the last time, to be asked whether it changed (RFC 9110, 13.1). */
export interface Validators {
  readonly etag?: string
  readonly lastModified?: string
}

export interface Fresh extends Validators {
  readonly kind: 'fresh'
  readonly requestId: string
  readonly status: number
  readonly receivedAt: number
  /** Received then, read now: later news stands. */
  readonly saved?: boolean
  /** Without the key. */
  readonly body: string
  readonly linked?: string
}

/** What became of one request. Reasons are without the key. */
export type Outcome =
  | Fresh
  | { readonly kind: 'unchanged'; readonly requestId: string }
  /** Worth another try, not before `afterMs` where the server says so. */
  | { readonly kind: 'again'; readonly requestId: string; readonly reason: string; readonly afterMs?: number }
  /** Nothing but a change of settings helps. */
  | { readonly kind: 'refused'; readonly requestId: string; readonly reason: string }

export interface Asking {
  readonly key: ApiKey
  /** From the first byte sent to the last received. Milliseconds. */
  readonly timeoutMs: number
  readonly maxBytes: number
  /** Whose page it is. */
  readonly target?: Target
  readonly clock: Clock
  readonly signal?: AbortSignal
}

/** Asks once. Never throws for what a server or a network does. A body is JSON. */
export type Ask = (url: string, validators: Validators, asking: Asking) => Promise<Outcome>

/** Asks an API over HTTP. */
export const ask: Ask = async (url, { etag, lastModified }, asking) => {
  const { key, timeoutMs, signal } = asking
  const ownId = randomUUID()
  const signed = key.sign(url)
  const limit = AbortSignal.timeout(timeoutMs)
  try {
    const response = await fetch(signed.url, {
      // A redirect would carry the key along to wherever it leads.
      redirect: 'manual',
      signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
      headers: {
        accept: 'application/json',
        'user-agent': 'kappa',
        'x-request-id': ownId,
        ...signed.headers,
        ...(etag === undefined ? {} : { 'if-none-match': etag }),
        ...(lastModified === undefined ? {} : { 'if-modified-since': lastModified }),
      },
    })
    const requestId = named(response.headers.get('x-request-id')) ?? ownId
    return await outcomeOf(response, requestId, asking)
  } catch (thrown) {
    const reason = limit.aborted ? `no answer in ${timeoutMs} ms` : key.redact(causeOf(thrown))
    return { kind: 'again', requestId: ownId, reason }
  }
}

/** A server's own name of the request, where it is one. */
const named = (id: string | null): string | undefined => (id !== null && /^[\w.:-]{1,100}$/.test(id) ? id : undefined)

const causeOf = (thrown: unknown): string =>
  thrown instanceof Error && thrown.cause !== undefined ? reasonOf(thrown.cause) : reasonOf(thrown)

async function outcomeOf(response: Response, requestId: string, asking: Asking): Promise<Outcome> {
  const { status, headers } = response
  if (status === 304) {
    await response.body?.cancel()
    return { kind: 'unchanged', requestId }
  }
  const { clock, key, maxBytes } = asking
  const text = await bodyOf(response, maxBytes)
  if (text === undefined) return { kind: 'refused', requestId, reason: `the answer has more than ${maxBytes} bytes` }
  const body = key.redact(text)
  if (status === 200) {
    const etag = headers.get('etag')
    const lastModified = headers.get('last-modified')
    const linked = nextLink(headers.get('link'))
    return {
      ...{ kind: 'fresh', requestId, status, receivedAt: clock.now(), body },
      ...(etag === null ? {} : { etag }),
      ...(lastModified === null ? {} : { lastModified }),
      ...(linked === undefined ? {} : { linked }),
    }
  }
  const reason = `${status} ${body.slice(0, 200).replace(/\s+/g, ' ')}`.trim()
  if (status !== 408 && status !== 425 && status !== 429 && status < 500) return { kind: 'refused', requestId, reason }
  const afterMs = retryAfterMs(headers.get('retry-after'), clock.now())
  return { kind: 'again', requestId, reason, ...(afterMs === undefined ? {} : { afterMs }) }
}

/** Undefined where the body is longer than `maxBytes`. */
async function bodyOf(response: Response, maxBytes: number): Promise<string | undefined> {
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of response.body ?? []) {
    bytes += piece.length
    if (bytes > maxBytes) return undefined
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8')
}

function nextLink(header: string | null): string | undefined {
  for (const [, address, parameters = ''] of (header ?? '').matchAll(/<([^>]*)>([^<]*)/g))
    if (/;\s*rel\s*=\s*"?(?:[^"]*\s)?next(?:\s[^"]*)?"?\s*(?:[;,]|$)/i.test(parameters)) return address
  return undefined
}
