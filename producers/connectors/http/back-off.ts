/** Milliseconds of the first wait, at most, and of any. */
const FIRST_MS = 500
const LONGEST_MS = 60_000

/**
 * How long to wait before try `attempt` + 1: anything below a bound that doubles, so that clients that failed together do
 * not come back together ("full jitter", AWS Architecture Blog 2015), but at least what the server asked for.
 */
export function backOffMs(attempt: number, retryAfterMs: number | undefined, random: () => number): number {
  const bound = Math.min(LONGEST_MS, FIRST_MS * 2 ** (attempt - 1))
  return (retryAfterMs ?? 0) + Math.ceil(random() * bound)
}

/** `Retry-After` (RFC 9110, 10.2.3) as milliseconds from now: seconds, or a date. Undefined where it is neither. */
export function retryAfterMs(header: string | null, now: number): number | undefined {
  if (header === null) return undefined
  const text = header.trim()
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000
  const date = /[A-Za-z]{3}/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}
