import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import type { StoreFault } from '../script.ts'

const HOST = '127.0.0.1'
/** Longest time from a broken connection to the arrival of what was sent over it. */
const LATE_MS = 1_500

/**
 * Lies between sink processes and one store that speaks HTTP: breaks connections before, after or in the midst of requests
 * that change something, answers slowly, refuses everybody, or takes connections and says nothing.
 */
export class StoreProxy {
  readonly #server: Server
  readonly #upstream: URL
  readonly #faults: StoreFault[] = []
  #away = { until: 0, hangs: false }
  #slow = { until: 0, most: 0 }

  private constructor(server: Server, upstream: URL) {
    this.#server = server
    this.#upstream = upstream
    server.on('request', (asked: IncomingMessage, answer: ServerResponse) => void this.#meet(asked, answer))
  }

  static async open(upstream: string): Promise<StoreProxy> {
    const server = createServer({ requestTimeout: 0, headersTimeout: 0 })
    await new Promise<void>((resolve) => server.listen(0, HOST, resolve))
    return new StoreProxy(server, new URL(upstream))
  }

  get url(): string {
    const address = this.#server.address()
    return `http://${HOST}:${typeof address === 'object' ? address?.port : 0}`
  }

  leave(forMs: number, hangs: boolean): void {
    this.#away = { until: performance.now() + forMs, hangs }
  }

  slow(forMs: number, most: number): void {
    this.#slow = { until: performance.now() + forMs, most }
  }

  fail(how: readonly StoreFault[]): void {
    this.#faults.push(...how)
  }

  heal(): void {
    this.#away = { until: 0, hangs: false }
    this.#slow = { until: 0, most: 0 }
    this.#faults.length = 0
  }

  async close(): Promise<void> {
    this.heal()
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #meet(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    try {
      // The whole of it, so that a request whose sender dies arrives all the same.
      const body = Buffer.concat(await asked.toArray())
      while (performance.now() < this.#away.until) {
        if (!this.#away.hangs) return void asked.socket.destroy()
        await pause(50)
      }
      const fault = changes(asked) ? this.#faults.shift() : undefined
      if (fault === 'refused') return void asked.socket.destroy()
      if (fault === 'late') {
        asked.socket.destroy()
        await pause(100 + Math.random() * LATE_MS)
      }
      const { status, headers, text } = await this.#forward(asked, body)
      if (fault !== undefined) return void asked.socket.destroy()
      if (performance.now() < this.#slow.until) await pause(Math.random() * this.#slow.most)
      answer.writeHead(status, headers)
      answer.end(text)
    } catch {
      asked.socket.destroy()
    }
  }

  #forward(asked: IncomingMessage, body: Buffer) {
    const { hostname, port } = this.#upstream
    return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; text: Buffer }>((resolve, reject) => {
      // Headers as they came: S3's signature covers them, the host's too.
      const sent = request({ hostname, port, method: asked.method, path: asked.url, headers: asked.headers }, (got) => {
        got
          .toArray()
          .then(
            (parts) => resolve({ status: got.statusCode ?? 502, headers: got.headers, text: Buffer.concat(parts) }),
            reject,
          )
      })
      sent.once('error', reject)
      sent.end(body)
    })
  }
}

/** An insert, or an object written. */
const changes = ({ method, url = '' }: IncomingMessage): boolean =>
  method === 'PUT' || (method === 'POST' && decodeURIComponent(url.replaceAll('+', ' ')).includes('INSERT INTO'))

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))
