import { createServer } from 'node:http'
import { sinkMetrics } from './metrics.ts'
import type { Sink } from './sink.ts'

export interface SinkServer {
  readonly port: number
  close(): Promise<void>
}

/**
 * Serves what a sink says of itself, read-only: `/metrics` (Prometheus), `/status` (lanes, store and memory as JSON),
 * `/health` (200 while the process answers), `/ready` (200 while no lane failed and the store answers).
 * @param port 0 takes a free one
 */
export async function serveSink(sink: Sink, port: number, host = '127.0.0.1'): Promise<SinkServer> {
  const server = createServer(({ url = '/', method }, response) => {
    const json = (code: number, value: unknown) =>
      response.writeHead(code, { 'content-type': 'application/json' }).end(`${JSON.stringify(value)}\n`)
    if (method !== 'GET' && method !== 'HEAD') return response.writeHead(405, { allow: 'GET, HEAD' }).end()
    switch (new URL(url, 'http://sink').pathname) {
      case '/metrics':
        return response
          .writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' })
          .end(sinkMetrics(sink))
      case '/status':
        return json(200, { sink: sink.name, store: sink.health, memory: sink.memory, lanes: sink.status })
      case '/health':
        return json(200, { alive: true })
      case '/ready': {
        const failed = sink.status
          .filter(({ state }) => state === 'failed')
          .map(({ topic, reason }) => ({ topic, reason }))
        const ready = failed.length === 0 && sink.health.state === 'closed'
        return json(ready ? 200 : 503, { ready, store: sink.health, failed })
      }
      default:
        return json(404, { error: 'there are /metrics, /status, /health and /ready' })
    }
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const bound = server.address()
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
