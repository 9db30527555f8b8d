import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { KappaError } from '#engine/errors'
import { type Clock, systemClock } from '#engine/time'
import { type Collector, readBatch, type Taken } from '../../producers/connectors/collect/index.ts'
import { bodyOf } from './body.ts'
import { type CollectSnapshot, renderCollect } from './metrics.ts'
import { origins } from './origins.ts'
import { type Problem, sendProblem } from './problem.ts'
import { browserSnippet } from './snippet.ts'

export interface CollectServerOptions {
  readonly collector: Collector
  /** 0 takes a free one. */
  readonly port: number
  /** @defaultValue '127.0.0.1' */
  readonly host?: string
  /** Sites that may send; `*`: any. @defaultValue ['*'] */
  readonly origins?: readonly string[]
  /** @defaultValue 65536: what `sendBeacon` sends at most */
  readonly maxBody?: number
  /** Code of the shop front, for batches that name none. */
  readonly country?: string
  /** The visitor's address is the last one in `X-Forwarded-For`, which a proxy of ours wrote. */
  readonly trustProxy?: boolean
  /** What was brought to Kafka so far, for `/metrics`. */
  readonly forwarded?: () => { readonly written: number; readonly deadLettered: number }
  readonly clock?: Clock
}

export interface CollectServer {
  readonly port: number
  /** No request begins any more; those under way are answered. */
  close(): Promise<void>
}

/** Whoever is told 503 comes back after so many seconds. */
const RETRY_SECONDS = 5
const REQUEST_MS = 15_000

/**
 * Serves `POST /v1/events` (batches), `/kappa.mjs` (the browser snippet), `/metrics`, `/health` and `/ready`. 202: what was
 * accepted is on disk. 4xx: problem+json (RFC 9457) naming the field. 503 with Retry-After: the spool is full, nothing of
 * the batch was kept.
 */
export async function serveCollect(options: CollectServerOptions): Promise<CollectServer> {
  const { host = '127.0.0.1' } = options
  const endpoint = new Endpoint(options)
  const server = createServer({ requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS }, (request, response) => {
    endpoint.respond(request, response).catch(() => {
      // The sender went away, or something is wrong here: either way there is nothing it could do.
      if (!response.headersSent)
        sendProblem(response, { status: 500, title: 'Internal Server Error', detail: 'try again' })
      else response.destroy()
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new KappaError('CONFIG_INVALID', `serving at ${host}:${options.port}`, { cause })),
    )
    server.listen(options.port, host, resolve)
  })
  const bound = server.address()
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : options.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeIdleConnections()
      }),
  }
}

class Endpoint {
  readonly #options: CollectServerOptions
  readonly #clock: Clock
  readonly #origins: ReturnType<typeof origins>
  readonly #snippet = browserSnippet()
  readonly #requests = new Map<number, number>()
  readonly #events = { accepted: 0, duplicates: 0, rejected: 0 }

  constructor(options: CollectServerOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#origins = origins(options.origins ?? ['*'])
  }

  async respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.once('finish', () => {
      this.#requests.set(response.statusCode, (this.#requests.get(response.statusCode) ?? 0) + 1)
    })
    const { pathname } = new URL(request.url ?? '/', 'http://collect')
    if (pathname === '/v1/events') return await this.#events1(request, response)
    if (request.method !== 'GET' && request.method !== 'HEAD') return methodNotAllowed(response, 'GET, HEAD')
    switch (pathname) {
      case '/kappa.mjs':
        return this.#sendSnippet(request, response)
      case '/metrics':
        response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' })
        response.end(renderCollect(this.#snapshot()))
        return
      case '/health':
        return json(response, 200, { alive: true })
      case '/ready': {
        const { waitingBytes, maxBytes } = this.#options.collector.spool
        const ready = waitingBytes < maxBytes
        return json(response, ready ? 200 : 503, { ready, waitingBytes, maxBytes })
      }
      default:
        sendProblem(response, { status: 404, title: 'Not Found', detail: 'there is /v1/events and /kappa.mjs' })
    }
  }

  async #events1(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!this.#origins.allow(request, response)) {
      const detail = `${request.headers.origin} may not send here`
      return sendProblem(response, { status: 403, title: 'Forbidden', detail })
    }
    if (request.method === 'OPTIONS') {
      response.writeHead(204).end()
      return
    }
    if (request.method !== 'POST') return methodNotAllowed(response, 'POST, OPTIONS')
    const body = await bodyOf(request, this.#options.maxBody ?? 65_536)
    if (typeof body !== 'string') {
      // What is left of the body is not read.
      response.setHeader('connection', 'close')
      return sendProblem(response, body)
    }
    const batch = readBatch(body)
    if ('reason' in batch) {
      const { field, reason } = batch
      const detail = `${field || 'the body'} ${reason}`
      return sendProblem(response, { status: 400, title: 'Bad Request', detail, errors: [{ field, reason }] })
    }
    const { collector, country } = this.#options
    const about = { ip: this.#addressOf(request), ...(country === undefined ? {} : { country }) }
    let taken: Taken
    try {
      taken = await collector.take(batch, about)
    } catch (thrown) {
      return sendProblem(response, unavailable(thrown))
    }
    this.#count(taken)
    answer(response, taken)
  }

  #count({ accepted, duplicates, rejected }: Taken): void {
    this.#events.accepted += accepted
    this.#events.duplicates += duplicates
    this.#events.rejected += rejected.length
  }

  #addressOf({ headers, socket }: IncomingMessage): string {
    const forwarded = this.#options.trustProxy === true ? headers['x-forwarded-for'] : undefined
    const last = (Array.isArray(forwarded) ? forwarded.join(',') : forwarded)?.split(',').at(-1)?.trim()
    return (last || socket.remoteAddress || '0.0.0.0').replace(/^::ffff:(?=\d+\.)/, '')
  }

  #sendSnippet({ headers }: IncomingMessage, response: ServerResponse): void {
    const { text, etag } = this.#snippet
    // Module scripts of other sites are loaded by CORS (HTML Standard, "fetch a single module script").
    const known = { etag, 'cache-control': 'public, max-age=3600', 'access-control-allow-origin': '*' }
    if (headers['if-none-match'] === etag) response.writeHead(304, known).end()
    else response.writeHead(200, { ...known, 'content-type': 'text/javascript; charset=utf-8' }).end(text)
  }

  #snapshot(): CollectSnapshot {
    const { collector, forwarded } = this.#options
    const { waitingBytes, maxBytes, waitingSince } = collector.spool
    const { written, deadLettered } = forwarded?.() ?? { written: 0, deadLettered: 0 }
    return {
      ...{ requests: this.#requests, ...this.#events, forwarded: written, deadLettered, waitingBytes, maxBytes },
      waitingMs: waitingSince === undefined ? 0 : Math.max(0, this.#clock.now() - waitingSince),
      known: collector.known,
    }
  }
}

/** Nothing of the batch fits: 422. Some of it does: 202, and what does not is named; it is in the dead letters either way. */
function answer(response: ServerResponse, { requestId, accepted, duplicates, rejected }: Taken): void {
  response.setHeader('x-request-id', requestId)
  if (accepted + duplicates > 0) {
    json(response, 202, { requestId, accepted, duplicates, rejected })
    return
  }
  const [first] = rejected
  const detail = `events[${first?.event}].${first?.field} ${first?.reason}`
  sendProblem(response, { status: 422, title: 'Unprocessable Content', detail, errors: rejected })
}

/** Throws on what is no matter of the spool. */
function unavailable(thrown: unknown): Problem {
  if (!(thrown instanceof KappaError) || !thrown.retriable) throw thrown
  const full = thrown.code === 'BLOCKED'
  const detail = full
    ? 'too much waits for Kafka; send the batch again later'
    : 'the disk refuses; send the batch again later'
  return { status: 503, title: 'Service Unavailable', detail, retryAfter: RETRY_SECONDS }
}

function methodNotAllowed(response: ServerResponse, allow: string): void {
  response.setHeader('allow', allow)
  sendProblem(response, { status: 405, title: 'Method Not Allowed', detail: `there is ${allow}` })
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
