import type { Command } from 'commander'
import { type Run, runsOf, standingOf } from '#engine/schedule'
import { systemClock } from '#engine/time'
import type { FlowEvent } from '#schemas'
import type { DeclaredFlow } from '../../../deploy/flows.ts'
import { type Session, withHistory } from '../schedule/session.ts'
import { historyText, time, wholeNumber } from '../schedule/show.ts'
import { table } from '../stack/table.ts'
import { entryName, entryOf } from './execute.ts'
import { dateOf } from './moments.ts'
import { flowNamed } from './named.ts'

interface Flags {
  readonly json?: boolean
}

/** `kappa flow list` */
export function registerList(flow: Command): void {
  flow
    .command('list')
    .description('show every flow: its steps, when it runs, how it last went')
    .option('--json', 'for programs')
    .action(({ json }: Flags) =>
      withHistory(async (session) => {
        const shown = await Promise.all(session.flows.map((one) => shownOf(session, one)))
        if (json === true) console.log(JSON.stringify(shown, null, 2))
        else {
          const rows = shown.map(({ name, cron, timeZone, state, last, next, steps }) => [
            ...[name, cron ?? 'by hand', timeZone, state, time(last?.startedAt), time(next)],
            steps.map((step) => step.name).join(', '),
          ])
          console.log(table(['flow', 'cron', 'zone', 'state', 'last run', 'next', 'steps'], rows))
        }
      }),
    )
}

/** `kappa flow show` */
export function registerShow(flow: Command): void {
  flow
    .command('show')
    .description('show one flow: its steps, what each waits for, and how each went in the last run')
    .argument('<name>')
    .option('--json', 'for programs')
    .action((name: string, { json }: Flags) =>
      withHistory(async (session) => {
        const declared = flowNamed(name, session.flows)
        const shown = await shownOf(session, declared)
        const events = (await session.log.events()).filter((event) => event.flow === name)
        const latest = events.findLast((event) => event.step === null)?.scheduledAt
        const steps = declared.steps.map((step) => ({ ...step, last: lastOf(events, step.name, latest) }))
        if (json === true) return console.log(JSON.stringify({ ...shown, steps }, null, 2))
        console.log(`${name}: ${declared.doc}\n${shown.state}; next ${time(shown.next)}`)
        if (latest !== undefined) console.log(`last run about ${dateOf(declared, latest)}`)
        const rows = steps.map((step) => [
          ...[step.name, step.after.join(', ') || '–', step.run.join(' ')],
          step.retries === 0 ? 'no' : `${step.retries}, after ${step.backOffMs / 1_000} s`,
          `${step.timeoutMs / 1_000} s`,
          step.last === undefined
            ? '–'
            : `${step.last.outcome?.toLowerCase() ?? 'began'}${step.last.attempt > 1 ? `, try ${step.last.attempt}` : ''} ${time(step.last.at)}`,
          (step.last?.reason ?? '').replaceAll('\n', ' '),
        ])
        console.log(table(['step', 'after', 'kappa …', 'retries', 'time-out', 'last', ''], rows))
      }),
    )
}

interface HistoryFlags extends Flags {
  readonly limit: number
  readonly failed?: boolean
}

/** `kappa flow history` */
export function registerHistory(flow: Command): void {
  flow
    .command('history')
    .description('show what ran, newest first; every step is an event of operations.flow-runs.v1')
    .argument('[name]', 'only this flow')
    .option('--limit <n>', 'at most so many runs', wholeNumber, 20)
    .option('--failed', 'only runs that failed or were lost')
    .option('--json', 'with every step, for programs')
    .action((name: string | undefined, { limit, failed, json }: HistoryFlags) =>
      withHistory(async ({ flows, history, log }) => {
        const known = name === undefined ? flows : [flowNamed(name, flows)]
        const wanted = ({ entry, state }: Run): boolean =>
          known.some((one) => entryName(one.name) === entry) &&
          (failed !== true || state === 'failed' || state === 'lost')
        const all = runsOf(await history.all(), systemClock.now(), history.runners?.isGone)
        const runs = all.filter(wanted).slice(-limit).reverse()
        if (json !== true) return console.log(historyText(runs, 'kappa flow run NAME'))
        const events = await log.events()
        const shown = runs.map(({ runner: _, ...run }) => {
          const own = known.find((one) => entryName(one.name) === run.entry)
          return {
            ...run,
            ...(own === undefined ? {} : { flow: own.name, date: dateOf(own, run.scheduledAt) }),
            steps: stepsOf(events, run),
          }
        })
        console.log(JSON.stringify(shown, null, 2))
      }),
    )
}

async function shownOf({ history }: Session, flow: DeclaredFlow) {
  const entry = entryOf(flow)
  const now = systemClock.now()
  const { running, last, next, paused } = standingOf(entry, await history.all(), now, history.runners?.isGone)
  const idle = paused ? 'paused' : (last?.state ?? 'never ran')
  const { name, doc, cron, timeZone, catchUp, dateOffset, enabled, steps } = flow
  const state = running === undefined ? idle : 'running'
  return {
    ...{ name, doc, cron, timeZone, catchUp, dateOffset, enabled, paused, state },
    next: entry.enabled && !paused ? next : undefined,
    ...{ running, last, steps },
  }
}

/** What was last told of a step in the runs for a moment: the end of a try rather than its start. */
const lastOf = (events: readonly FlowEvent[], step: string, scheduledAt: number | undefined): FlowEvent | undefined =>
  events.findLast((event) => event.step === step && event.scheduledAt === scheduledAt)

const stepsOf = (events: readonly FlowEvent[], run: Pick<Run, 'entry' | 'scheduledAt' | 'attempt' | 'trigger'>) =>
  events
    .filter(
      (event) =>
        entryName(event.flow) === run.entry &&
        event.scheduledAt === run.scheduledAt &&
        event.runAttempt === run.attempt &&
        (event.trigger === 'ASKED') === (run.trigger === 'asked') &&
        event.step !== null,
    )
    .map(({ step, attempt, kind, outcome, exitCode, seconds, reason, at }) => ({
      ...{ step, attempt, kind, outcome, exitCode, seconds, reason, at },
    }))
