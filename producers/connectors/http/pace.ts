import type { Clock } from '#engine/time'

/** Spaces requests out evenly: at most `perMinute` in any minute, without bursts. */
export interface Pace {
  /** Resolves when the next request may go; at once after `signal`. */
  turn(signal?: AbortSignal): Promise<void>
}

export function pace(perMinute: number, clock: Clock): Pace {
  const gap = 60_000 / perMinute
  let next = Number.NEGATIVE_INFINITY
  return {
    async turn(signal) {
      const now = clock.now()
      const at = Math.max(now, next)
      next = at + gap
      if (at > now) await clock.sleep(at - now, signal)
    },
  }
}
