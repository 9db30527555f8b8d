import type { Command } from 'commander'
import { KappaError } from '#engine/errors'
import { type RunEnd, standingOf } from '#engine/schedule'
import { systemClock } from '#engine/time'
import type { DeclaredFlow } from '../../../deploy/flows.ts'
import { stopSignal } from '../produce/stop.ts'
import { type Session, withHistory } from '../schedule/session.ts'
import { stepDisplay } from './display.ts'
import { entryOf, isFinished, runMoment } from './execute.ts'
import { dateOf, latestMoment, momentsBetween, momentsOf } from './moments.ts'
import { flowNamed } from './named.ts'

interface RunFlags {
  readonly again?: boolean
  readonly verbose?: boolean
  readonly json?: boolean
}

/** How a run for one moment went; `done before`: there was nothing to do. */
interface Done {
  readonly flow: string
  readonly date: string
  readonly scheduledAt: number
  readonly outcome: RunEnd['outcome'] | 'done before'
  readonly seconds?: number
  readonly reason?: string | undefined
}

const runOptions = (command: Command): Command =>
  command
    .option('--again', 'run every step, also those that had succeeded')
    .option('--verbose', 'show what the commands write')
    .option('--json', 'for programs')

/** `kappa flow run` */
export function registerRun(flow: Command): void {
  runOptions(
    flow
      .command('run')
      .description('run a flow now, for its latest day or another; what had been done is not done again')
      .argument('<name>')
      .option('--date <date>', 'the day that the run is about, as 2026-01-31'),
  ).action((name: string, { date, ...flags }: RunFlags & { date?: string }) =>
    withHistory((session) => {
      const declared = flowNamed(name, session.flows)
      const moments =
        date === undefined ? [latestMoment(declared, systemClock.now())] : momentsOf(declared, date, '--date')
      return runAll(session, declared, moments, flags)
    }),
  )
}

/** `kappa flow backfill` */
export function registerBackfill(flow: Command): void {
  runOptions(
    flow
      .command('backfill')
      .description('run a flow for every day of a range, the oldest first; days that are done are passed over')
      .argument('<name>')
      .requiredOption('--from <date>', 'first day')
      .requiredOption('--to <date>', 'last day, included'),
  ).action((name: string, { from, to, ...flags }: RunFlags & { from: string; to: string }) =>
    withHistory((session) => {
      const declared = flowNamed(name, session.flows)
      return runAll(session, declared, momentsBetween(declared, from, to), flags)
    }),
  )
}

async function runAll(
  session: Session,
  flow: DeclaredFlow,
  moments: readonly number[],
  { again = false, verbose = false, json = false }: RunFlags,
): Promise<void> {
  if (moments.length === 0)
    throw new KappaError('CONFIG_INVALID', `running ${flow.name}: '${flow.cron}' names no moment on those days`)
  const stop = stopSignal()
  const done: Done[] = []
  try {
    await session.history.ensure()
    for (const scheduledAt of moments) {
      if (stop.signal.aborted) break
      const about = { flow: flow.name, date: dateOf(flow, scheduledAt), scheduledAt }
      if (!again && (await isFinished(session.log, flow, scheduledAt))) {
        if (!json) console.log(`${flow.name} for ${about.date}: done before`)
        done.push({ ...about, outcome: 'done before' })
        continue
      }
      // A range goes on behind the flow's own run; one run that somebody asks for is refused instead.
      if (moments.length > 1) await untilFree(session, flow, stop.signal)
      if (!json) console.log(`${flow.name} for ${about.date}`)
      const watcher = stepDisplay(flow, { verbose, quiet: json })
      const end = await runMoment(session, flow, scheduledAt, { afresh: again, watcher, signal: stop.signal })
      const { outcome, seconds, reason } = end
      done.push({ ...about, outcome, seconds, ...(reason === undefined ? {} : { reason }) })
      if (!json) console.log(`${flow.name} for ${about.date}: ${outcome} after ${seconds.toFixed(1)} s`)
      if (outcome !== 'succeeded') break
    }
  } finally {
    stop.release()
  }
  if (json) console.log(JSON.stringify(done, null, 2))
  const failed = done.find(({ outcome }) => outcome === 'failed')
  if (failed !== undefined)
    throw new KappaError('STATE_MISMATCH', `running ${flow.name} for ${failed.date}: ${failed.reason ?? 'it failed'}`)
  if (stop.signal.aborted || done.some(({ outcome }) => outcome === 'interrupted'))
    throw new KappaError('INTERRUPTED', `running ${flow.name}: the same command goes on from there`)
}

const LOOK_EVERY_MS = 2_000

async function untilFree({ history }: Session, flow: DeclaredFlow, signal: AbortSignal): Promise<void> {
  const runs = async () =>
    standingOf(entryOf(flow), await history.all(), systemClock.now(), history.runners?.isGone).running
  for (let told = false; !signal.aborted && (await runs()) !== undefined; told = true) {
    if (!told) process.stderr.write(`${flow.name} runs just now; waiting\n`)
    await systemClock.sleep(LOOK_EVERY_MS, signal)
  }
}
