import { Refusal } from '../refusal.ts'
import type { Scope } from './scopes.ts'
import type { Tokens } from './tokens.ts'

/** Throws 401 where nobody we know asks, and 403 where they may not (RFC 6750, section 3). */
export function admit(tokens: Tokens, authorization: string | undefined, scope: Scope): void {
  const token = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1]
  if (token === undefined) {
    const detail = 'Authorization is missing: Bearer and a token (kappa api token create)'
    throw refused(401, 'Unauthorized', detail, 'Bearer realm="kappa"')
  }
  const holder = tokens.holderOf(token)
  if (holder === undefined) {
    const detail = 'Authorization holds a token that is not known, or not any more'
    throw refused(401, 'Unauthorized', detail, 'Bearer realm="kappa", error="invalid_token"')
  }
  if (holder.scopes.includes(scope)) return
  const challenge = `Bearer realm="kappa", error="insufficient_scope", scope="${scope}"`
  throw refused(403, 'Forbidden', `Authorization holds a token without the scope ${scope}`, challenge)
}

const refused = (status: number, title: string, detail: string, challenge: string): Refusal => {
  const errors = [{ field: 'Authorization', reason: detail.replace('Authorization ', '') }]
  return new Refusal({ status, title, detail, errors }, { 'www-authenticate': challenge })
}
