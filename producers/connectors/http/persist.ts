import type { Ask, Asking, Outcome, Validators } from './ask.ts'
import { backOffMs } from './back-off.ts'
import type { Pace } from './pace.ts'

export interface Persistence extends Asking {
  readonly ask: Ask
  readonly pace: Pace
  /** Tries in all. */
  readonly attempts: number
  /** A server that asks for a longer pause is left alone until then, and others are asked meanwhile. Milliseconds. */
  readonly longestWaitMs: number
  /** In [0, 1). */
  readonly random: () => number
  readonly onRetry?: (url: string, reason: string) => void
}

/** The last of at most `attempts` outcomes; `judge` may find that a fresh answer is worth another try, with the reason. */
export async function askPersistently(
  url: string,
  validators: Validators,
  how: Persistence,
  judge: (body: string) => string | undefined,
): Promise<Outcome> {
  for (let attempt = 1; ; attempt++) {
    await how.pace.turn(how.signal)
    const outcome = await how.ask(url, validators, how)
    const reason =
      outcome.kind === 'again' ? outcome.reason : outcome.kind === 'fresh' ? judge(outcome.body) : undefined
    if (reason === undefined || attempt >= how.attempts || how.signal?.aborted) return outcome
    const afterMs = outcome.kind === 'again' ? outcome.afterMs : undefined
    if (afterMs !== undefined && afterMs > how.longestWaitMs) return outcome
    how.onRetry?.(url, reason)
    await how.clock.sleep(backOffMs(attempt, afterMs, how.random), how.signal)
  }
}
