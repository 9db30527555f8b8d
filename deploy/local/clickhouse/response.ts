import { randomBytes } from 'node:crypto'
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { Outcome } from './engine.ts'
import { type DatabaseError, httpStatus } from './errors.ts'

/** Bytes and milliseconds for which the first of an answer is held, so that an early error still has its own status. */
const heldBytes = 64 * 1024
const heldMilliseconds = 100

/**
 * One answer. The status and headers go out with the first bytes that are not held back any more. An error after that
 * is written as ClickHouse writes it, between `__exception__` marks, and the connection is cut, so that nobody takes the
 * answer for whole.
 */
export class Answer {
  readonly #response: ServerResponse
  readonly #version: string
  readonly #tag = randomBytes(8).toString('hex')
  readonly #waitForEnd: boolean
  #held: Buffer[] = []
  #heldSize = 0
  #timer: NodeJS.Timeout | undefined

  constructor(response: ServerResponse, version: string, queryId: string, options: { waitForEnd: boolean }) {
    this.#response = response
    this.#version = version
    this.#waitForEnd = options.waitForEnd
    this.set({
      'X-ClickHouse-Query-Id': queryId,
      'X-ClickHouse-Exception-Tag': this.#tag,
      'X-ClickHouse-Server-Display-Name': 'kappa',
      'X-ClickHouse-Timezone': 'UTC',
    })
  }

  set(headers: OutgoingHttpHeaders): void {
    for (const [name, value] of Object.entries(headers)) if (value !== undefined) this.#response.setHeader(name, value)
  }

  /** Resolves when the client can take more. Nothing happens once the client has gone. */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.#response.destroyed) return
    if (this.#response.headersSent) return this.#send(bytes)
    this.#held.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
    this.#heldSize += bytes.length
    if (this.#waitForEnd) return
    if (this.#heldSize >= heldBytes) return this.#release()
    this.#timer ??= setTimeout(() => void this.#release(), heldMilliseconds)
  }

  /** The whole answer is out, or about to be. */
  async succeed(
    outcome: Pick<Outcome, 'rows' | 'bytesSeen' | 'seconds'>,
    kind: 'read' | 'written' | 'none',
  ): Promise<void> {
    clearTimeout(this.#timer)
    if (this.#response.destroyed) return
    if (!this.#response.headersSent) {
      this.set({ 'X-ClickHouse-Summary': summary(outcome, kind), 'Content-Length': this.#heldSize })
      await this.#release()
    }
    this.#response.end()
  }

  fail(error: DatabaseError): void {
    clearTimeout(this.#timer)
    const response = this.#response
    if (response.destroyed) return
    const text = error.text(this.#version)
    if (response.headersSent) {
      const length = Buffer.byteLength(text)
      const marked = `\r\n__exception__\r\n${this.#tag}\r\n${text}${length} ${this.#tag}\r\n__exception__\r\n`
      if (!response.hasHeader('Content-Encoding')) response.write(marked)
      response.socket?.destroySoon()
      return
    }
    for (const name of ['Content-Encoding', 'X-ClickHouse-Format', 'Content-Length']) response.removeHeader(name)
    this.set({
      'X-ClickHouse-Exception-Code': error.code,
      'X-ClickHouse-Summary': summary({ rows: 0, bytesSeen: 0, seconds: 0 }, 'none'),
      'Content-Type': 'text/plain; charset=UTF-8',
    })
    response.statusCode = response.hasHeader('WWW-Authenticate') ? 401 : httpStatus(error.code)
    response.end(text)
  }

  async #release(): Promise<void> {
    clearTimeout(this.#timer)
    if (this.#response.destroyed || this.#held.length === 0) return
    const bytes = Buffer.concat(this.#held)
    this.#held = []
    await this.#send(bytes)
  }

  async #send(bytes: Uint8Array): Promise<void> {
    const response = this.#response
    if (response.write(bytes) || response.destroyed) return
    await new Promise<void>((resolve) => {
      const go = () => {
        response.off('drain', go).off('close', go)
        resolve()
      }
      response.on('drain', go).on('close', go)
    })
  }
}

/** What the engine tells: the rows of a result or of an insert. It does not tell how many were scanned for them. */
function summary({ rows, bytesSeen, seconds }: Pick<Outcome, 'rows' | 'bytesSeen' | 'seconds'>, kind: string): string {
  const read = kind === 'read' ? [rows, bytesSeen] : [0, 0]
  const written = kind === 'written' ? [rows, bytesSeen] : [0, 0]
  return JSON.stringify({
    read_rows: String(read[0]),
    read_bytes: String(read[1]),
    written_rows: String(written[0]),
    written_bytes: String(written[1]),
    total_rows_to_read: '0',
    result_rows: String(rows),
    result_bytes: String(bytesSeen),
    elapsed_ns: String(Math.round(seconds * 1e9)),
    memory_usage: '0',
  })
}
