import { type Entry, MOST_ATTEMPTS, type ScheduleEvent, type Trigger } from './contract.ts'
import { type Run, runsOf } from './runs.ts'

/** What is to be run now. */
export interface Due {
  readonly scheduledAt: number
  readonly attempt: number
  readonly trigger: Trigger
  /** Moments that passed and are not run. */
  readonly passedOver: number
}

/** Where an entry stands. */
export interface Standing {
  /** Undefined: nothing is to be run now. */
  readonly due: Due | undefined
  readonly running: Run | undefined
  /** The last run that ended, of any trigger. */
  readonly last: Run | undefined
  /** The next moment. */
  readonly next: number | undefined
  /** False: this expression has no `declared` yet, and its moments do not count before there is one. */
  readonly declared: boolean
  /** True: somebody has paused it, and no moment is taken. */
  readonly paused: boolean
}

/** A moment is caught up rather than on time when it is so late. */
const ON_TIME_MS = 60_000
/** More missed moments than these are not run one by one. */
const MOST_MISSED = 1_000

/**
 * What the history and the clock make of an entry. One run of an entry at a time; a moment is run once, unless its run was
 * interrupted or lost; what failed is not run again before its next moment.
 */
export function standingOf(
  entry: Entry,
  events: readonly ScheduleEvent[],
  now: number,
  isGone?: (runner: string) => boolean,
): Standing {
  const own = events.filter((event) => event.entry === entry.name)
  const declared = own.findLast(({ kind }) => kind === 'declared')
  const isDeclared = declared?.cron === entry.cron && declared.timeZone === entry.timeZone
  const paused = own.findLast(({ kind }) => kind === 'paused' || kind === 'resumed')?.kind === 'paused'
  const runs = runsOf(own, now, isGone)
  const running = runs.findLast(({ state }) => state === 'running')
  const last = runs.findLast(({ state }) => state !== 'running')
  const next = entry.moments.next(now)
  const base = { running, last, next, declared: isDeclared, paused }
  if (running !== undefined || !isDeclared || declared === undefined || paused) return { ...base, due: undefined }
  const claimed = runs.filter(({ trigger }) => trigger !== 'asked')
  return { ...base, due: again(claimed) ?? missed(entry, claimed, declared.at, now) }
}

/** A run that did not come to its end for no fault of its own. */
function again(runs: readonly Run[]): Due | undefined {
  const last = runs.at(-1)
  if (last === undefined || last.attempt >= MOST_ATTEMPTS) return undefined
  if (last.state !== 'interrupted' && last.state !== 'lost') return undefined
  return { scheduledAt: last.scheduledAt, attempt: last.attempt + 1, trigger: 'again', passedOver: 0 }
}

function missed(entry: Entry, runs: readonly Run[], declaredAt: number, now: number): Due | undefined {
  const since = Math.max(declaredAt, ...runs.map(({ scheduledAt }) => scheduledAt))
  const moments = entry.moments.between(since, now, MOST_MISSED)
  const onTime = moments.filter((moment) => now - moment <= ON_TIME_MS)
  const wanted = { each: moments, last: moments.slice(-1), none: onTime.slice(-1) }[entry.catchUp]
  const [scheduledAt] = wanted
  if (scheduledAt === undefined) return undefined
  return {
    scheduledAt,
    attempt: 1,
    trigger: now - scheduledAt <= ON_TIME_MS ? 'time' : 'catch-up',
    passedOver: moments.indexOf(scheduledAt),
  }
}
