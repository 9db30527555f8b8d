import { KappaError } from '#engine/errors'
import type { Clock } from '#engine/time'
import type { Completeness } from './completeness.ts'

const LOOK_MS = 1_000
const TELL_EVERY_MS = 10_000

export interface WaitOptions {
  /** Event time, milliseconds. */
  readonly until: number
  readonly timeoutMs: number
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Told every ten seconds how far it is. */
  readonly tell: (line: string) => void
}

/** Looks until a table is complete up to a time. Throws SERVICE_UNAVAILABLE after the time-out, INTERRUPTED after the signal. */
export async function waitFor(look: () => Promise<Completeness>, options: WaitOptions): Promise<Completeness> {
  const { until, timeoutMs, clock, signal, tell } = options
  const began = clock.now()
  for (let told = began; ; ) {
    const now = await look()
    if (now.completeUntil !== null && now.completeUntil >= until) return now
    if (signal.aborted) throw new KappaError('INTERRUPTED', `waiting for ${now.table}`)
    const far = `${now.table} ${farOf(now)}`
    if (clock.now() - began >= timeoutMs)
      throw new KappaError('SERVICE_UNAVAILABLE', `waiting ${Math.round(timeoutMs / 1_000)} s in vain: ${far}`)
    if (clock.now() - told >= TELL_EVERY_MS) {
      told = clock.now()
      tell(far)
    }
    await clock.sleep(Math.min(LOOK_MS, Math.max(1, began + timeoutMs - clock.now())), signal)
  }
}

function farOf({ completeUntil, onTheWay, behind }: Completeness): string {
  if (onTheWay > 0) return `has ${onTheWay} records on their way to it: is kappa sink run running?`
  const so =
    completeUntil === null
      ? 'is not complete up to any time'
      : `is complete until ${new Date(completeUntil).toISOString()}`
  return behind > 0 ? `${so}, its processor ${behind} offsets behind` : `${so}: later events close its windows`
}
