import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { STATUS_CODES } from 'node:http'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { KappaError } from '#engine/errors'
import { type Admission, admit } from './access/admit.ts'
import { Answers } from './answers.ts'
import { formatOf, mediaTypes } from './formats/negotiate.ts'
import { openapiOf } from './openapi.ts'
import { addPages } from './pages.ts'
import type { Format } from './parameters.ts'
import { read } from './query.ts'
import { Refusal, unavailable } from './refusal.ts'
import type { Answer, AnyRoute, DocumentRoute, StreamRoute } from './route.ts'

export interface ApiOptions extends Admission {
  readonly routes: readonly AnyRoute[]
  /** Sites whose pages may read answers (CORS), `*`: any. None where absent. */
  readonly origins?: readonly string[]
  /** Something failed that nobody who asked can do anything about. */
  readonly onError?: (thrown: unknown, path: string) => void
}

/** Characters of a part of a path; what is longer than an id may be is told by its route. */
const LONGEST_PART = 1_000

/** A proxy that hears nothing closes; a browser that hears nothing cannot tell. */
const ALIVE_MS = 15_000

/**
 * The API as a server that does not listen yet. Each route: token and scope, then parameters, then ETag, then the answer,
 * kept as long as its version holds. Whatever is wrong is answered with problem+json.
 */
export async function apiServer({
  routes,
  tokens,
  onRefused,
  origins = [],
  onError,
}: ApiOptions): Promise<FastifyInstance> {
  const app = fastify({
    forceCloseConnections: true,
    requestTimeout: 15_000,
    routerOptions: { maxParamLength: LONGEST_PART },
  })
  app.setErrorHandler((thrown, request, reply) => {
    const refusal = refusalOf(thrown)
    if (refusal.problem.status >= 500) onError?.(thrown, request.url)
    return sendProblem(reply, refusal)
  })
  app.setNotFoundHandler((request, reply) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      const problem = { status: 405, title: 'Method Not Allowed', detail: 'there is GET, HEAD' }
      return sendProblem(reply, new Refusal(problem, { allow: 'GET, HEAD' }))
    }
    const detail = `there is no ${request.url.split('?')[0]}; /openapi.json says what there is`
    return sendProblem(reply, new Refusal({ status: 404, title: 'Not Found', detail }))
  })
  if (origins.length > 0) allowOrigins(app, origins)
  const stopping = new AbortController()
  app.addHook('preClose', async () => stopping.abort())
  await addPages(app, openapiOf(routes))
  const answers = new Answers()
  const admission = { tokens, onRefused }
  for (const route of routes) {
    const url = route.path.replaceAll(/\{(\w+)\}/g, ':$1')
    if (route.kind === 'document') app.get(url, documentHandler(route, admission, answers))
    else app.get(url, { exposeHeadRoute: false }, streamHandler(route, admission, stopping.signal))
  }
  return app
}

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>

function documentHandler(route: DocumentRoute, admission: Admission, answers: Answers): Handler {
  return async (request, reply) => {
    const { headers } = request
    admit(admission, headers.authorization, route)
    const parts = read(route.parts, request.params)
    const query = read(route.query, request.query)
    const format = formatOf(query.format as Format | undefined, headers.accept, route.formats)
    const version = await route.version()
    const question = JSON.stringify([route.path, parts, query, format])
    const etag = `"${createHash('sha256').update(`${version} ${question}`).digest('base64url').slice(0, 22)}"`
    reply.headers({ etag, 'cache-control': 'private, no-cache', vary: varying(reply) })
    if (matches(headers['if-none-match'], etag)) return reply.code(304).send()
    const made = await answers.get(route.path, version, question, () => route.serve({ parts, query, format }, version))
    return send(reply, made, format)
  }
}

const send = (reply: FastifyReply, { body, headers }: Answer, format: Format): FastifyReply =>
  reply.headers(headers).type(mediaTypes[format]).send(body)

/** What other requests may be answered with something else by; sites that may read are among it. */
const varying = (reply: FastifyReply): string =>
  ['Accept', 'Authorization', ...(reply.hasHeader('vary') ? ['Origin'] : [])].join(', ')

/** RFC 9110, 13.1.2: weak comparison. */
function matches(condition: string | undefined, etag: string): boolean {
  if (condition === undefined) return false
  return condition.trim() === '*' || condition.split(',').some((one) => one.trim().replace(/^W\//, '') === etag)
}

function streamHandler(route: StreamRoute, admission: Admission, stopping: AbortSignal): Handler {
  return async (request, reply) => {
    admit(admission, request.headers.authorization, route)
    read(route.parts, request.params)
    const query = read(route.query, request.query)
    const last = request.headers['last-event-id']
    const gone = new AbortController()
    const { raw } = reply
    raw.once('close', () => gone.abort())
    const signal = AbortSignal.any([gone.signal, stopping])
    reply.hijack()
    raw.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    })
    raw.write(': from here on\n\n')
    const alive = setInterval(() => raw.write(': alive\n\n'), ALIVE_MS)
    try {
      for await (const { id, event, data } of route.events(
        { query },
        typeof last === 'string' ? last : undefined,
        signal,
      )) {
        const text = `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
        // Whoever does not read is waited for; the feed lets go of who falls too far behind.
        if (!raw.write(text)) await drained(raw, signal)
      }
    } finally {
      clearInterval(alive)
      raw.end()
    }
    return reply
  }
}

const drained = async (raw: FastifyReply['raw'], signal: AbortSignal): Promise<void> => {
  await once(raw, 'drain', { signal }).catch(() => {}) // Aborted: there is nobody to write to.
}

function sendProblem(reply: FastifyReply, { problem, headers }: Refusal): FastifyReply {
  const { retryAfter, ...body } = problem
  return reply
    .code(problem.status)
    .removeHeader('etag')
    .headers({
      ...headers,
      'cache-control': 'no-store',
      ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
    })
    .type('application/problem+json')
    .send(JSON.stringify({ type: 'about:blank', ...body }))
}

/** Anything thrown, as what the one who asked may know of it. */
function refusalOf(thrown: unknown): Refusal {
  if (thrown instanceof Refusal) return thrown
  if (thrown instanceof KappaError && thrown.retriable)
    return unavailable('what the answer is made of is away; try again')
  const { statusCode: status } = thrown as { readonly statusCode?: number }
  if (status !== undefined && status >= 400 && status < 500)
    return new Refusal({ status, title: STATUS_CODES[status] ?? 'Bad Request', detail: (thrown as Error).message })
  return new Refusal({ status: 500, title: 'Internal Server Error', detail: 'something is wrong here; it was logged' })
}

const EXPOSED = [
  ...['etag', 'link', 'retry-after', 'kappa-complete-until'],
  ...['kappa-late-events', 'kappa-rejected-events', 'kappa-pending-events'],
].join(', ')

/** CORS (Fetch Standard): answers may be read, and tokens sent, by pages of these sites. */
function allowOrigins(app: FastifyInstance, allowed: readonly string[]): void {
  const every = allowed.includes('*')
  app.addHook('onRequest', async ({ method, headers: { origin } }, reply) => {
    if (!every) reply.header('vary', 'Origin')
    if (origin === undefined || !(every || allowed.includes(origin))) return
    reply.header('access-control-allow-origin', every ? '*' : origin)
    reply.header('access-control-expose-headers', EXPOSED)
    if (method !== 'OPTIONS') return
    reply.header('access-control-allow-methods', 'GET, HEAD')
    reply.header('access-control-allow-headers', 'authorization, accept, if-none-match, last-event-id')
    await reply.code(204).send()
  })
}
