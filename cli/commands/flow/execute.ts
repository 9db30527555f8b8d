import {
  claimNow,
  type Entry,
  type Execute,
  type RunEnd,
  runClaimed,
  runSteps,
  type StepOutcome,
  type StepState,
} from '#engine/schedule'
import { systemClock } from '#engine/time'
import type { DeclaredFlow, DeclaredStep } from '../../../deploy/flows.ts'
import type { DeclaredEntry } from '../../../deploy/schedule.ts'
import { filled, runCommand, runsCommands } from '../schedule/command.ts'
import type { Session } from '../schedule/session.ts'
import { type FlowLog, type FlowRun, finishedSteps } from './log.ts'

/** Told what becomes of each step, and what its command writes. */
export interface FlowWatcher {
  onState?(step: DeclaredStep, state: StepState, end?: StepOutcome): void
  onText?(step: DeclaredStep, text: Buffer): void
}

/** Under what name a flow is among the entries of the schedule: one scheduler and one history for both. */
export const entryName = (flow: string): string => `flow:${flow}`

/** A flow as an entry of the schedule. */
export const entryOf = (flow: DeclaredFlow): DeclaredEntry => ({
  name: entryName(flow.name),
  doc: flow.doc,
  cron: flow.cron ?? 'daily',
  ...{ timeZone: flow.timeZone, moments: flow.moments, catchUp: flow.catchUp, timeoutMs: flow.timeoutMs },
  run: ['flow', 'run', flow.name],
  enabled: flow.enabled && flow.cron !== undefined,
})

/** Runs entries, flows among them. */
export function runsEntries({ schedule, flows, log }: Session, show?: (text: Buffer) => void): Execute {
  const commands = runsCommands(schedule.entries, show)
  return (entry, moment, signal) => {
    const flow = flows.find(({ name }) => entryName(name) === entry.name)
    if (flow === undefined) return commands(entry, moment, signal)
    const watcher: FlowWatcher = show === undefined ? {} : { onText: (_, text) => show(text) }
    return runsFlow(log, flow, false, watcher)(entry, moment, signal)
  }
}

/** Runs one flow: those of its steps that have not succeeded for the moment yet, or all of them. */
const runsFlow =
  (log: FlowLog, flow: DeclaredFlow, afresh: boolean, watcher: FlowWatcher): Execute =>
  async (_, moment, signal) => {
    const run: FlowRun = { ...moment, flow, afresh }
    const { scheduledAt } = moment
    const begun = systemClock.now()
    const finished = afresh ? new Set<string>() : finishedSteps(await log.events(), flow.name, scheduledAt)
    await log.noteRun(run, begun)
    const ended = await runSteps<DeclaredStep>({
      ...{ steps: flow.steps, parallel: flow.parallel, finished, signal, clock: systemClock },
      execute: (step, ownSignal) => {
        const args = step.run.map((arg) => filled(arg, scheduledAt, flow.timeZone, flow.dateOffset))
        return runCommand(args, ownSignal, (text) => watcher.onText?.(step, text))
      },
      note: (event) => log.noteStep(run, event),
      onState: (step, state, end) => watcher.onState?.(step, state, end),
    })
    const at = systemClock.now()
    const outcome = ended.exitCode === 0 ? 'succeeded' : signal.aborted ? 'interrupted' : 'failed'
    await log.noteRun(run, at, {
      ...{ outcome, seconds: (at - begun) / 1_000, exitCode: ended.exitCode, reason: ended.reason },
    })
    return ended
  }

/** True where every step has succeeded for the moment: nothing is to be run. */
export async function isFinished(log: FlowLog, flow: DeclaredFlow, scheduledAt: number): Promise<boolean> {
  const finished = finishedSteps(await log.events(), flow.name, scheduledAt)
  return flow.steps.every(({ name }) => finished.has(name))
}

/** Claims a run for a moment and runs it. Throws BLOCKED where the flow runs already. */
export async function runMoment(
  { history, log }: Session,
  flow: DeclaredFlow,
  scheduledAt: number,
  options: { readonly afresh: boolean; readonly watcher: FlowWatcher; readonly signal: AbortSignal },
): Promise<RunEnd> {
  const entry: Entry = entryOf(flow)
  const started = await claimNow(history, entry, { scheduledAt })
  const execute = runsFlow(log, flow, options.afresh, options.watcher)
  return runClaimed({ history, clock: systemClock, execute }, entry, started, options.signal)
}
