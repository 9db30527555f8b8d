import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { reasonOf } from '#engine/errors'
import { renderMetrics } from '../telemetry/metrics.ts'
import type { Worker } from '../worker.ts'
import type { StateAnswer } from './queries.ts'

/** What the server asks of a worker. */
export type Served = Pick<Worker, 'status' | 'snapshot' | 'query' | 'advertise'>

export interface ServeOptions {
  /** 0 takes a free one. */
  readonly port: number
  /** @defaultValue '127.0.0.1': others than this machine see it only where asked for. */
  readonly host?: string
  /** Where other workers send questions about keys that are here: `http://host:port`. @defaultValue the address served at */
  readonly advertise?: string
}

export interface WorkerServer {
  readonly port: number
  readonly address: string
  close(): Promise<void>
}

const MOST_ROWS = 1_000

/**
 * Serves what a worker says of itself, read-only: `/metrics` (Prometheus), `/status` (tasks as JSON), `/health` (200 while
 * the process answers), `/ready` (200 when every task that the group gave it runs), and
 * `/state/<processor>/<stage>?key=…&limit=…`.
 */
export async function serveWorker(worker: Served, options: ServeOptions): Promise<WorkerServer> {
  const { host = '127.0.0.1' } = options
  const server = createServer((request, response) => {
    respond(worker, request, response).catch((thrown) => {
      if (!response.headersSent) json(response, 503, { error: reasonOf(thrown) })
      else response.end()
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, host, resolve)
  })
  const bound = server.address()
  const port = typeof bound === 'object' && bound !== null ? bound.port : options.port
  const address = options.advertise ?? `http://${host}:${port}`
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  try {
    await worker.advertise(address)
  } catch (thrown) {
    await close()
    throw thrown
  }
  return { port, address, close }
}

async function respond(worker: Served, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' }).end()
    return
  }
  const url = new URL(request.url ?? '/', 'http://worker')
  const [, first = '', ...rest] = url.pathname.split('/')
  switch (rest.length === 0 ? first : `${first}/`) {
    case 'metrics': {
      const text = renderMetrics(await worker.snapshot())
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text)
      return
    }
    case 'status':
      return json(response, 200, await worker.status(true))
    case 'health':
      return json(response, 200, { alive: true })
    case 'ready': {
      const { tasks, groups } = await worker.snapshot(false)
      const missing = [
        ...groups.filter(({ rebalances }) => rebalances === 0).map(({ stage }) => `${stage}: no word of its group yet`),
        ...tasks
          .filter(({ state }) => state !== 'running' && state !== 'done')
          .map(({ stage, partition, state, reason }) =>
            [`${stage}[${partition}] is ${state}`, reason].filter(Boolean).join(': '),
          ),
      ]
      return json(response, missing.length === 0 ? 200 : 503, { ready: missing.length === 0, missing })
    }
    case 'state/':
      return await respondState(worker, url, rest, response)
    default:
      return json(response, 404, { error: 'there is /metrics, /status, /health, /ready, /state/<processor>/<stage>' })
  }
}

async function respondState(worker: Served, url: URL, path: readonly string[], response: ServerResponse) {
  const [processor = '', stage = ''] = path.map(decoded)
  const limit = Number(url.searchParams.get('limit') ?? '100')
  if (path.length !== 2 || processor === '' || stage === '' || !Number.isSafeInteger(limit) || limit < 1)
    return json(response, 400, { error: 'ask for /state/<processor>/<stage>?key=…&limit=… with a limit of at least 1' })
  const key = url.searchParams.get('key') ?? undefined
  const answer = await worker.query({ processor, stage, key, limit: Math.min(limit, MOST_ROWS) })
  answerState(answer, `${url.pathname}${url.search}`, response)
}

function answerState(answer: StateAnswer, asked: string, response: ServerResponse): void {
  switch (answer.kind) {
    case 'rows':
      json(response, 200, answer.body)
      break
    case 'elsewhere':
      response.writeHead(307, { location: `${answer.address}${asked}` }).end()
      break
    case 'away': {
      const { partition, owner = null } = answer
      response.setHeader('retry-after', '1')
      const error = owner === null ? 'nobody is known to run the task' : 'whoever runs the task answers no queries'
      json(response, 503, { error, partition, owner })
      break
    }
    case 'unknown':
      json(response, 404, { error: answer.why })
      break
    case 'refused':
      json(response, 403, { error: answer.why })
  }
}

/** Empty where it cannot be decoded. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return ''
  }
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
