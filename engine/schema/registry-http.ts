import { KappaError } from '#engine/errors'

/** An answer of the registry: its status, and its JSON body (undefined where it has none). */
export interface Answer {
  readonly status: number
  readonly body: unknown
}

/**
 * One call of the Confluent-compatible API. An answer of 4xx is an answer; no answer, or 5xx, is retriable
 * SERVICE_UNAVAILABLE.
 */
export type Call = (method: 'GET' | 'PUT' | 'POST', path: string, body?: unknown) => Promise<Answer>

const TIMEOUT_MS = 10_000

export function registryCalls(url: string): Call {
  return async (method, path, body) => {
    const doing = `asking the schema registry at ${url}`
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }).catch((thrown: unknown) => {
      throw new KappaError('SERVICE_UNAVAILABLE', doing, { cause: causeOf(thrown), retriable: true })
    })
    const text = await response.text().catch(() => '')
    if (response.status >= 500)
      throw new KappaError(
        'SERVICE_UNAVAILABLE',
        `${doing}: ${method} ${path} answered ${response.status} ${text.slice(0, 200)}`,
        { retriable: true },
      )
    return { status: response.status, body: jsonOf(text) }
  }
}

/** `fetch failed` says nothing; what is beneath it does. */
const causeOf = (thrown: unknown): unknown =>
  thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The registry's own words in an answer that refuses. */
export const messageOf = ({ status, body }: Answer): string => {
  const { message, reason, messages } = (body ?? {}) as { message?: unknown; reason?: unknown; messages?: unknown }
  const said = message ?? reason ?? (Array.isArray(messages) ? messages.join('; ') : undefined)
  return typeof said === 'string' && said !== '' ? said : `answer ${status}`
}
