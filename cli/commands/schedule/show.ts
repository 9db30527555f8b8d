import { type Command, InvalidArgumentError } from 'commander'
import { KappaError } from '#engine/errors'
import { type Run, runsOf, type ScheduleEvent, type ScheduleHistory, type Standing, standingOf } from '#engine/schedule'
import { systemClock } from '#engine/time'
import type { DeclaredEntry } from '../../../deploy/schedule.ts'
import { table } from '../stack/table.ts'
import { entryNamed, withHistory } from './session.ts'

/** A moment that nobody has taken for so long: no scheduler runs. */
const OVERDUE_MS = 600_000

export const time = (at: number | undefined): string =>
  at === undefined ? '–' : `${new Date(at).toISOString().slice(0, 19)}Z`

/** `kappa schedule list` */
export function registerList(schedule: Command): void {
  schedule
    .command('list')
    .description('show every entry: when it runs, how it last went')
    .option('--check', 'end with 1 where an entry failed when it last ran, or is overdue')
    .option('--json', 'for programs')
    .action(({ check, json }: { readonly check?: boolean; readonly json?: boolean }) =>
      withHistory(async ({ entries, history }) => {
        const [all, now] = [await history.all(), systemClock.now()]
        const shown = entries.map((entry) => shownOf(entry, standingOf(entry, all, now, history.runners?.isGone), now))
        console.log(json === true ? JSON.stringify(shown, null, 2) : listText(shown))
        const bad = shown.filter(({ enabled, state }) => enabled && (state === 'failed' || state === 'overdue'))
        if (check === true && bad.length > 0)
          throw new KappaError(
            'STATE_MISMATCH',
            `checking the schedule: ${bad.map(({ name, state }) => `${name} ${state}`).join(', ')}`,
          )
      }),
    )
}

/** `kappa schedule history` */
export function registerHistory(schedule: Command): void {
  schedule
    .command('history')
    .description('show what ran, newest first')
    .argument('[name]', 'only this entry')
    .option('--limit <n>', 'at most so many runs', wholeNumber, 20)
    .option('--failed', 'only runs that failed or were lost')
    .option('--json', 'for programs')
    .action((name: string | undefined, flags: HistoryFlags) =>
      withHistory(async ({ entries, history }) => {
        if (name !== undefined) entryNamed(name, entries)
        const shown = historyOf(history, await history.all(), name, flags)
        console.log(flags.json === true ? JSON.stringify(shown, null, 2) : historyText(shown))
      }),
    )
}

interface HistoryFlags {
  readonly limit: number
  readonly failed?: boolean
  readonly json?: boolean
}

function historyOf(
  { runners }: ScheduleHistory,
  all: readonly ScheduleEvent[],
  name: string | undefined,
  { limit, failed }: HistoryFlags,
) {
  const wanted = ({ entry, state }: Run): boolean =>
    (name === undefined || entry === name) && (failed !== true || state === 'failed' || state === 'lost')
  return runsOf(all, systemClock.now(), runners?.isGone).filter(wanted).slice(-limit).reverse()
}

function shownOf(entry: DeclaredEntry, { due, running, last, next, paused }: Standing, now: number) {
  const { name, doc, cron, timeZone, catchUp, run, enabled } = entry
  const overdue = due !== undefined && now - due.scheduledAt > OVERDUE_MS
  const idle = paused ? 'paused' : overdue && enabled ? 'overdue' : (last?.state ?? 'never ran')
  const state = running === undefined ? idle : 'running'
  const base = { name, doc, cron, timeZone, catchUp, run, enabled, state }
  return { ...base, next: enabled && !paused ? next : undefined, running, last }
}

function listText(shown: readonly ReturnType<typeof shownOf>[]): string {
  const rows = shown.map(({ name, cron, timeZone, catchUp, enabled, state, last, next, run }) => [
    name,
    cron,
    timeZone,
    catchUp,
    state,
    time(last?.startedAt),
    enabled ? time(next) : 'not by the clock',
    run.join(' '),
  ])
  return table(['entry', 'cron', 'zone', 'missed', 'state', 'last run', 'next', 'kappa …'], rows)
}

export function historyText(runs: readonly Run[], begin = 'kappa schedule run'): string {
  if (runs.length === 0) return `Nothing ran yet: ${begin}`
  const rows = runs.map(({ entry, scheduledAt, startedAt, trigger, attempt, passedOver, state, seconds, reason }) => [
    entry,
    time(scheduledAt),
    time(startedAt),
    `${trigger}${attempt > 1 ? `, try ${attempt}` : ''}${passedOver > 0 ? `, for ${passedOver + 1}` : ''}`,
    state,
    seconds === undefined ? '' : `${seconds.toFixed(1)} s`,
    (reason ?? '').replaceAll('\n', ' '),
  ])
  return table(['entry', 'scheduled at', 'started at', 'why', 'state', 'took', ''], rows)
}

export function wholeNumber(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('It is not a whole number above 0.')
  return Number(text)
}
