import type { IncomingMessage, ServerResponse } from 'node:http'

/** Which sites may send: `*`, or their origins (`https://shop.example`). Requests without an origin are apps'. */
export interface Origins {
  /** False where the request's site may not; else the answer may be read by it (Fetch Standard, "CORS protocol"). */
  allow(request: IncomingMessage, response: ServerResponse): boolean
}

const DAY_SECONDS = 86_400

export function origins(allowed: readonly string[]): Origins {
  const every = allowed.includes('*')
  return {
    allow({ headers, method }, response) {
      const { origin } = headers
      if (!every) response.setHeader('vary', 'origin')
      if (origin === undefined) return true
      if (!every && !allowed.includes(origin)) return false
      response.setHeader('access-control-allow-origin', every ? '*' : origin)
      response.setHeader('access-control-expose-headers', 'retry-after')
      if (method !== 'OPTIONS') return true
      response.setHeader('access-control-allow-methods', 'POST')
      response.setHeader('access-control-allow-headers', 'content-type')
      response.setHeader('access-control-max-age', String(DAY_SECONDS))
      return true
    },
  }
}
