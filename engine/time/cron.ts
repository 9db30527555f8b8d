import { Cron } from 'croner'
import { KappaError } from '#engine/errors'

/** Moments that a cron expression names, in a time zone. Times are milliseconds since 1970-01-01T00:00:00Z. */
export interface Moments {
  /** The first moment after this one; undefined where there never is another. */
  next(after: number): number | undefined
  /** The moments of `(after, until]`, oldest first; the last `atMost` of them where there are more. */
  between(after: number, until: number, atMost: number): readonly number[]
}

/** What may stand in place of an expression. */
const NAMED = new Set(['hourly', 'daily', 'weekly', 'monthly', 'yearly'])

/**
 * Five fields (minute, hour, day, month, weekday), or hourly, daily, weekly, monthly, yearly. Days are those of the time
 * zone: a moment that a clock skips comes when it has been set forward, one that comes twice counts the first time; every
 * hour is every hour. Throws CONFIG_INVALID saying what is wrong with it.
 */
export function cron(expression: string, timeZone: string): Moments {
  const doing = `reading the cron expression '${expression}' in ${timeZone}`
  const pattern = NAMED.has(expression) ? `@${expression}` : expression
  if (!pattern.startsWith('@') && !/^(\S+\s+){4}\S+$/.test(pattern.trim()))
    throw new KappaError('CONFIG_INVALID', `${doing}: it has not five fields (or is one of ${[...NAMED].join(', ')})`)
  let moments: Cron
  try {
    moments = new Cron(pattern, { timezone: timeZone, paused: true })
    if (moments.nextRun(new Date(0)) === null) throw new Error('no such moment ever comes')
  } catch (cause) {
    throw new KappaError('CONFIG_INVALID', doing, { cause })
  }
  const next = (after: number): number | undefined => moments.nextRun(new Date(after))?.getTime()
  /** The moments of a stretch; those up to one more than `atMost`. */
  const first = (after: number, until: number, atMost: number): number[] => {
    const found: number[] = []
    for (let at = next(after); at !== undefined && at <= until && found.length <= atMost; at = next(at)) found.push(at)
    return found
  }
  return {
    next,
    between(after, until, atMost) {
      const found = first(after, until, atMost)
      if (found.length <= atMost) return found
      // Of a long time the end alone is looked at: a stretch in which so many moments fit.
      for (let span = (found.at(-1) ?? until) - after; ; span *= 2) {
        const end = first(Math.max(after, until - span), until, 4 * atMost + 1)
        if (end.length >= atMost && end.length <= 4 * atMost + 1) return end.slice(-atMost)
        if (until - span <= after) return first(after, until, Number.POSITIVE_INFINITY).slice(-atMost)
      }
    },
  }
}
