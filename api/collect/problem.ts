import type { ServerResponse } from 'node:http'

/** What was wrong with a request, for programs (RFC 9457). */
export interface Problem {
  readonly status: number
  readonly title: string
  readonly detail: string
  /** Which parts of the request: field by field. */
  readonly errors?: readonly { readonly event?: number; readonly field: string; readonly reason: string }[]
  /** Seconds. */
  readonly retryAfter?: number
}

export function sendProblem(response: ServerResponse, { retryAfter, ...problem }: Problem): void {
  if (retryAfter !== undefined) response.setHeader('retry-after', String(retryAfter))
  response.writeHead(problem.status, { 'content-type': 'application/problem+json' })
  response.end(JSON.stringify({ type: 'about:blank', ...problem }))
}
