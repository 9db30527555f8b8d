import { KappaError, reasonOf } from '#engine/errors'
import type { Clock } from '#engine/time'
import { ALIVE_EVERY_MS, type Entry, type Outcome, type ScheduleEvent, type Trigger } from './contract.ts'
import { standingOf } from './due.ts'
import type { ScheduleHistory } from './history.ts'

/** How a command ended. */
export interface Ended {
  readonly exitCode: number | undefined
  /** Its last lines, where it failed. */
  readonly reason?: string
}

/** What a run is told about its moment. */
export interface Moment {
  readonly scheduledAt: number
  readonly trigger: Trigger
  /** From 1: the same moment again, where a run was interrupted or lost. */
  readonly attempt: number
}

/** Runs an entry's command to its end; ends it when the signal aborts. */
export type Execute = (entry: Entry, moment: Moment, signal: AbortSignal) => Promise<Ended>

export interface ExecuteOptions {
  readonly history: ScheduleHistory
  readonly clock: Clock
  readonly execute: Execute
}

/** The end of a run, as recorded. */
export interface RunEnd {
  readonly entry: string
  readonly scheduledAt: number
  readonly outcome: Outcome
  readonly exitCode: number | undefined
  readonly seconds: number
  readonly reason: string | undefined
}

/** Claims what is due of an entry; undefined where nothing is, or another process took it. */
export const claim = (history: ScheduleHistory, entry: Entry): Promise<ScheduleEvent | undefined> =>
  history.decide((all, at) => {
    const { due, declared } = standingOf(entry, all, at, history.runners?.isGone)
    const { name, cron, timeZone } = entry
    if (!declared) return { kind: 'declared', entry: name, at, cron, timeZone }
    if (due === undefined) return undefined
    const { scheduledAt, attempt, trigger, passedOver } = due
    return { kind: 'started', entry: name, at, scheduledAt, attempt, trigger, passedOver, ...runnerOf(history) }
  })

const runnerOf = ({ runners }: ScheduleHistory) => (runners === undefined ? {} : { runner: runners.own })

/** A run that somebody asks for. */
export interface Asked {
  /** The moment that it is for. Default: now. */
  readonly scheduledAt?: number
}

/** Claims a run that somebody asks for. Throws BLOCKED where the entry runs already. */
export async function claimNow(
  history: ScheduleHistory,
  entry: Entry,
  { scheduledAt }: Asked = {},
): Promise<ScheduleEvent> {
  const claimed = await history.decide((all, at) => {
    const { running } = standingOf(entry, all, at, history.runners?.isGone)
    if (running !== undefined)
      throw new KappaError(
        'BLOCKED',
        `running ${entry.name}: it runs since ${new Date(running.startedAt).toISOString()}; a run that was killed counts as lost after a minute`,
      )
    const moment = scheduledAt ?? at
    const before = all.filter(
      (event) =>
        event.kind === 'started' &&
        event.entry === entry.name &&
        event.trigger === 'asked' &&
        event.scheduledAt === moment,
    )
    const about = { scheduledAt: moment, attempt: before.length + 1, trigger: 'asked' } as const
    return { kind: 'started', entry: entry.name, at, ...about, ...runnerOf(history) }
  })
  if (claimed === undefined) throw new KappaError('STATE_MISMATCH', `running ${entry.name}: nothing was decided`)
  return claimed
}

/** Runs what was claimed, shows that it is alive, records its end and tells of failure, or that failure is over. */
export async function runClaimed(
  { history, clock, execute }: ExecuteOptions,
  entry: Entry,
  started: ScheduleEvent,
  signal: AbortSignal,
): Promise<RunEnd> {
  const { scheduledAt = started.at, attempt = 1, trigger = 'time' } = started
  const about = { entry: entry.name, scheduledAt, attempt, trigger }
  const over = new AbortController()
  const stop = AbortSignal.any([signal, over.signal])
  let timedOut = false
  const living = beat()
  async function beat(): Promise<void> {
    for (let left = entry.timeoutMs; !over.signal.aborted; left -= ALIVE_EVERY_MS) {
      await clock.sleep(Math.min(left, ALIVE_EVERY_MS), stop)
      if (stop.aborted) return
      if (left <= ALIVE_EVERY_MS) {
        timedOut = true
        over.abort()
      } else await history.note({ kind: 'alive', at: clock.now(), ...about }).catch(() => {})
    }
  }
  const ended = await execute(entry, { scheduledAt, attempt, trigger }, stop).catch(
    (thrown: unknown): Ended => ({ exitCode: undefined, reason: reasonOf(thrown) }),
  )
  over.abort()
  await living
  const outcome = ended.exitCode === 0 ? 'succeeded' : signal.aborted && !timedOut ? 'interrupted' : 'failed'
  const reason = timedOut ? `it took longer than ${entry.timeoutMs / 1_000} s` : ended.reason
  const at = clock.now()
  const seconds = (at - started.at) / 1_000
  const { exitCode } = ended
  const event: ScheduleEvent = {
    ...{ kind: 'ended', at, ...about, outcome, seconds },
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(outcome === 'succeeded' || reason === undefined ? {} : { reason }),
  }
  await untilWritten(clock, () => history.note(event))
  await tell(history, entry, event, clock)
  return { entry: entry.name, scheduledAt, outcome, exitCode, seconds, reason: event.reason }
}

/** A broker that is away for a moment takes nothing from the history. */
const WRITE_TRIES = 10

async function untilWritten(clock: Clock, write: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await write()
    } catch (thrown) {
      if (tries >= WRITE_TRIES) throw thrown
      await clock.sleep(500 * tries)
    }
  }
}

async function tell(history: ScheduleHistory, entry: Entry, event: ScheduleEvent, clock: Clock): Promise<void> {
  const about = { source: 'schedule', subject: entry.name, at: event.at }
  if (event.outcome === 'failed') {
    const text = `${entry.name} failed: ${event.reason ?? `exit code ${event.exitCode ?? 'none'}`}`
    await untilWritten(clock, () => history.alert({ ...about, state: 'firing', text }))
  } else if (event.outcome === 'succeeded') {
    const ends = (await history.all()).filter(({ kind, entry: of }) => kind === 'ended' && of === entry.name)
    const before = ends.findLast(({ outcome, at }) => at < event.at && outcome !== 'interrupted')
    if (before?.outcome !== 'failed') return
    await untilWritten(clock, () =>
      history.alert({ ...about, state: 'resolved', text: `${entry.name} succeeds again` }),
    )
  }
}
