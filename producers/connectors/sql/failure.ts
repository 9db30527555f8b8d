import { KappaError } from '#engine/errors'

/** PostgreSQL's and MySQL's codes of accounts, passwords and databases that are refused. */
const REFUSED = new Set<unknown>([
  ...['28P01', '28000', '3D000', '42501'],
  ...['ER_ACCESS_DENIED_ERROR', 'ER_DBACCESS_DENIED_ERROR', 'ER_BAD_DB_ERROR', 'ER_TABLEACCESS_DENIED_ERROR'],
])

/** Codes of servers and connections that are away, or end: asked again, the answer may be another. */
const AWAY =
  /^(E[A-Z]+|PROTOCOL_.*|08...|57P0.|53300|40001|40P01|ER_LOCK_DEADLOCK|ER_LOCK_WAIT_TIMEOUT|ER_CON_COUNT_ERROR|ER_SERVER_SHUTDOWN|ER_CONNECTION_KILLED|ER_QUERY_INTERRUPTED)$/

/** What a driver has thrown, in our words. Never has a password in it: drivers do not tell it. */
export function failureOf(source: string, doing: string, cause: unknown): KappaError {
  if (cause instanceof KappaError) return cause
  const { code, message = '' } = (cause ?? {}) as { readonly code?: unknown; readonly message?: string }
  const about = `taking in ${source}: ${doing}`
  if (REFUSED.has(code)) return new KappaError('CONFIG_INVALID', about, { cause })
  const away = (typeof code === 'string' && AWAY.test(code)) || /terminated|timeout|timed out|closed/i.test(message)
  return new KappaError(away ? 'SERVICE_UNAVAILABLE' : 'STORE', about, { cause, retriable: away })
}
