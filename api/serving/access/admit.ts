import { Refusal } from '../refusal.ts'
import type { RefusedUse } from './refusals.ts'
import type { Scope } from './scopes.ts'
import type { Tokens } from './tokens.ts'

export interface Admission {
  readonly tokens: Tokens
  /** Told of each token that is refused; who comes without one used none. */
  readonly onRefused?: ((use: RefusedUse) => void) | undefined
}

/** Throws 401 where nobody we know asks, and 403 where they may not (RFC 6750, section 3). */
export function admit(
  { tokens, onRefused }: Admission,
  authorization: string | undefined,
  { scope, path }: { readonly scope: Scope; readonly path: string },
): void {
  const token = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1]
  if (token === undefined) {
    const detail = 'Authorization is missing: Bearer and a token (kappa api token create)'
    throw refused(401, 'Unauthorized', detail, 'Bearer realm="kappa"')
  }
  const judged = tokens.judge(token)
  if ('refused' in judged) {
    // Who asks is not told which of the reasons it is.
    onRefused?.({ tokenId: judged.id, name: judged.known?.name, reason: judged.refused, scope, path })
    const detail = 'Authorization holds a token that is not known, or not any more'
    throw refused(401, 'Unauthorized', detail, 'Bearer realm="kappa", error="invalid_token"')
  }
  const { holder } = judged
  if (holder.scopes.includes(scope)) return
  onRefused?.({ tokenId: holder.id, name: holder.name, reason: 'scope', scope, path })
  const challenge = `Bearer realm="kappa", error="insufficient_scope", scope="${scope}"`
  throw refused(403, 'Forbidden', `Authorization holds a token without the scope ${scope}`, challenge)
}

const refused = (status: number, title: string, detail: string, challenge: string): Refusal => {
  const errors = [{ field: 'Authorization', reason: detail.replace('Authorization ', '') }]
  return new Refusal({ status, title, detail, errors }, { 'www-authenticate': challenge })
}
