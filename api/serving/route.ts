import type { z } from 'zod'
import type { Scope } from './access/scopes.ts'
import type { Format } from './parameters.ts'

/**
 * One path of the API: the one place that says what it takes, what it answers and who may ask. The server, the OpenAPI
 * document and the tests are made from a table of these.
 */
export interface Route {
  /** As OpenAPI has it: `/clients/{id}`. */
  readonly path: string
  readonly tag: string
  readonly summary: string
  readonly description: string
  readonly scope: Scope
  /** Parameters of the path. */
  readonly parts: z.ZodType<Readonly<Record<string, unknown>>>
  readonly query: z.ZodType<Readonly<Record<string, unknown>>>
  /** What a JSON answer is; of a stream, what one event's data are. */
  readonly answer: z.ZodType
  readonly kind: 'document' | 'stream'
}

export interface Asked {
  readonly parts: Readonly<Record<string, unknown>>
  readonly query: Readonly<Record<string, unknown>>
  readonly format: Format
}

export interface Answer {
  readonly body: Buffer
  readonly headers: Readonly<Record<string, string>>
}

/** Answers once, the same until its version changes: that makes its ETag. */
export interface DocumentRoute extends Route {
  readonly kind: 'document'
  readonly formats: readonly Format[]
  /** Of everything that its answers are made of. Throws a 503 where there is nothing to read from. */
  version(): Promise<string>
  serve(asked: Asked, version: string): Promise<Answer>
}

/** Sends events (WHATWG HTML, "Server-sent events") until who asked goes away, or `signal` aborts. */
export interface StreamRoute extends Route {
  readonly kind: 'stream'
  events(asked: Pick<Asked, 'query'>, lastEventId: string | undefined, signal: AbortSignal): AsyncIterable<ServerEvent>
}

export interface ServerEvent {
  readonly id?: string
  readonly event: string
  readonly data: unknown
}

export type AnyRoute = DocumentRoute | StreamRoute

export const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))
