import { LEASE_MS, type Outcome, type ScheduleEvent, type Trigger } from './contract.ts'

/** One try of one moment, as the history tells it. */
export interface Run {
  readonly entry: string
  readonly scheduledAt: number
  readonly attempt: number
  readonly trigger: Trigger
  readonly startedAt: number
  /** The last sign of life. */
  readonly seenAt: number
  readonly passedOver: number
  /** `lost`: whoever ran it was killed; `running` otherwise until it ends. */
  readonly state: Outcome | 'running' | 'lost'
  readonly runner?: string
  readonly exitCode?: number
  readonly seconds?: number
  readonly reason?: string
}

export const idOf = ({ entry, scheduledAt, attempt, trigger }: Partial<Run>): string =>
  `${entry}|${scheduledAt}|${attempt}|${trigger === 'asked' ? 'asked' : 'due'}`

/** Every run, in the order in which they began; `isGone` says that the process which ran it is no more. */
export function runsOf(
  events: readonly ScheduleEvent[],
  now: number,
  isGone: (runner: string) => boolean = () => false,
): readonly Run[] {
  const runs = new Map<string, Run>()
  for (const event of events) {
    if (event.kind === 'declared' || event.kind === 'paused' || event.kind === 'resumed') continue
    const id = idOf(event)
    const known = runs.get(id)
    if (event.kind === 'started') {
      const { entry, scheduledAt = 0, attempt = 1, trigger = 'time', at, passedOver = 0, runner } = event
      const begun = { entry, scheduledAt, attempt, trigger, passedOver, startedAt: at, seenAt: at }
      runs.set(id, { ...begun, state: 'running', ...(runner === undefined ? {} : { runner }) })
    } else if (known !== undefined && event.kind === 'alive') runs.set(id, { ...known, seenAt: event.at })
    else if (known !== undefined) {
      const { outcome = 'failed', exitCode, seconds, reason } = event
      runs.set(id, {
        ...known,
        seenAt: event.at,
        state: outcome,
        ...(exitCode === undefined ? {} : { exitCode }),
        ...(seconds === undefined ? {} : { seconds }),
        ...(reason === undefined ? {} : { reason }),
      })
    }
  }
  const lost = ({ state, seenAt, runner }: Run): boolean =>
    state === 'running' && (now - seenAt > LEASE_MS || (runner !== undefined && isGone(runner)))
  return [...runs.values()].map((run) => (lost(run) ? { ...run, state: 'lost' } : run))
}
