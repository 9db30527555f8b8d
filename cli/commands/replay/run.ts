import type { Command } from 'commander'
import { KappaError } from '#engine/errors'
import {
  boundsUpTo,
  chooseGeneration,
  type GenerationRecord,
  generationsOf,
  type Lag,
  LiveLag,
  lastOf,
  phaseOf,
  planReplay,
  type ReplayPlan,
  type ReplayRequest,
  recordEnd,
  startedRecord,
} from '#engine/replay'
import type { BoundedProgress } from '#engine/runtime'
import { systemClock } from '#engine/time'
import { type Bar, progressBar } from '../produce/bar.ts'
import { stopSignal } from '../produce/stop.ts'
import { generationOf, lagBound, perSecond, type RangeFlags, requestOf, withRange } from './flags.ts'
import { liveGroups } from './live-groups.ts'
import { livePositions, runSession, type Session, withSession } from './session.ts'
import { planText } from './text.ts'

const help = `
A day is midnight in the processor's time zone; --to is not included. The replay has topics and a table of its own
(<topic>.g2, <table>__v2): what is live goes on untouched until kappa replay promote. Ctrl-C ends with 4; the same command
goes on where it stopped, also after a kill.

Ends with 0 done, 3 where the archive does not hold what was written (the row is named), 4 interrupted, 5 where another
replay holds the range.

A processor that was changed goes live by a replay: with --live (and --to now) the generation keeps following what is live,
and kappa replay promote puts it in force: kappa run goes on with its state into the live topic. Let --from reach back
before the oldest window that is open: results before it stay those of the code before.

Examples:
  kappa replay run retail-revenue-per-day --from 2017-06-01 --to 2017-07-01
  kappa replay run retail-revenue-per-day --from 2017-06-01 --to now --live
  kappa replay run retail-revenue-per-day --from 2017-06-01 --to 2017-07-01 --source s3 --into v2
  kappa replay run revenue-per-minute --from 2026-01-01T00:00:00Z --to now --dry-run`

interface RunFlags extends RangeFlags {
  readonly into?: number
  readonly rate?: number
  readonly maxLiveLag: string
  readonly dryRun?: boolean
}

export function registerPlan(replay: Command): void {
  withRange(replay.command('plan').description('show what a replay would read, and from where').argument('<processor>'))
    .addHelpText('after', help)
    .action((name: string, flags: RangeFlags) => withSession(name, (session) => showPlan(session, flags)))
}

export function registerRun(replay: Command): void {
  withRange(replay.command('run').description('replay a range into a new generation').argument('<processor>'))
    .option('--into <generation>', "the generation's number, e.g. v2 (default: the next)", generationOf)
    .option('--rate <n/s>', 'records a second at most', perSecond)
    .option(
      '--max-live-lag <duration>',
      "reading pauses while a live processor is further behind; or 'off'",
      '5 seconds',
    )
    .option('--dry-run', 'plan only')
    .addHelpText('after', help)
    .action((name: string, flags: RunFlags) =>
      withSession(name, (session) => (flags.dryRun === true ? showPlan(session, flags) : run(session, flags))),
    )
}

async function showPlan(session: Session, flags: RangeFlags): Promise<void> {
  const { processor } = session
  const plan = await planned(session, requestOf(processor, flags))
  if (flags.json === true) console.log(JSON.stringify(plan, null, 2))
  else console.log(planText(plan, await earlierRate(session)))
}

/** What is to go live ends where the generation in force stands: what that one has not taken is not published yet. */
async function planned(session: Session, request: ReplayRequest): Promise<ReplayPlan> {
  const { processor, sources } = session
  const plan = await planReplay(processor.plan, request, sources)
  if (request.live !== true) return plan
  return await planReplay(processor.plan, request, sources, boundsUpTo(plan.bounds, await livePositions(session)))
}

/** Events a second of the processor's last finished replay. */
async function earlierRate({ log, processor }: Session): Promise<number | undefined> {
  const ends = generationsOf(await log.all(), processor.plan.name).flatMap((one) => lastOf(one, 'finished') ?? [])
  const { events, seconds } = ends.at(-1)?.report ?? {}
  return typeof events === 'number' && typeof seconds === 'number' && events > 0 ? events / seconds : undefined
}

async function run(session: Session, flags: RunFlags): Promise<void> {
  const { processor, log } = session
  const boundSeconds = lagBound(flags.maxLiveLag)
  const { started, plan, resumed } = await begin(session, await wanted(session, flags), flags.into)
  const quiet = flags.json === true
  if (!quiet) {
    console.log(planText(plan, await earlierRate(session)))
    console.log(`\n${resumed ? 'going on with' : 'replaying into'} v${started.generation}`)
  }
  const stop = stopSignal()
  const progress = stageBars(quiet)
  try {
    const report = await runSession(session, started, plan, {
      signal: stop.signal,
      onProgress: progress.show,
      ...(flags.rate === undefined ? {} : { rate: flags.rate }),
      ...(boundSeconds === undefined ? {} : { yields: await yieldsTo(session, boundSeconds, progress.paused) }),
    }).finally(progress.stop)
    await recordEnd(log, started, report)
    if (quiet) console.log(JSON.stringify({ generation: started.generation, ...report }))
    else
      console.log(
        `v${started.generation}: ${report.results} results from ${report.events} events in ${report.seconds.toFixed(1)} s (${report.late} late, ${report.deadLettered} dead-lettered${report.yieldedSeconds >= 1 ? `, paused for live traffic ${report.yieldedSeconds.toFixed(0)} s` : ''})\nnext: kappa replay verify ${processor.plan.name} v${started.generation}`,
      )
  } catch (thrown) {
    if (thrown instanceof KappaError && thrown.code === 'CUT_MISMATCH') await recordEnd(log, started, thrown)
    throw thrown
  } finally {
    stop.release()
  }
}

/** What is asked for; `--to now` of a replay that goes on is the moment it began. */
async function wanted({ processor, log }: Session, flags: RunFlags): Promise<ReplayRequest> {
  const request = requestOf(processor, flags)
  if (flags.to !== 'now' || request.live === true) return request
  const going = generationsOf(await log.all(), request.processor).find(
    (one) => phaseOf(one) === 'unfinished' && one.started.from === request.from,
  )
  return going === undefined ? request : { ...request, to: going.started.to }
}

/** The record of the replay that begins, or of the one that goes on. */
async function begin(
  session: Session,
  request: ReplayRequest,
  into: number | undefined,
): Promise<{ readonly started: GenerationRecord; readonly plan: ReplayPlan; readonly resumed: boolean }> {
  const { processor, log, sources } = session
  const chosen = chooseGeneration(await log.all(), request, into)
  if (chosen.kind === 'resume') {
    const { started } = chosen.generation
    return { started, plan: await planReplay(processor.plan, request, sources, started.bounds), resumed: true }
  }
  const plan = await planned(session, request)
  const started = await log.decide((all, now) => {
    const still = chooseGeneration(all, request, into)
    if (still.kind === 'resume')
      throw new KappaError(
        'BLOCKED',
        `replaying ${request.processor}: the same replay was begun this moment; run it again`,
      )
    return startedRecord(request, still.generation, plan.bounds, now)
  })
  return { started, plan, resumed: false }
}

/** Live processors come first. */
async function yieldsTo(session: Session, boundSeconds: number, onYield: (lag: Lag | undefined) => void) {
  const groups = await liveGroups(session)
  return { boundSeconds, onYield, lag: new LiveLag({ broker: session.platform.broker, clock: systemClock, groups }) }
}

/** One bar after the other: the stages of a processor run in turn. */
function stageBars(quiet: boolean) {
  let stage: string | undefined
  let bar: Bar | undefined
  let yields: Lag | undefined
  return {
    paused(lag: Lag | undefined) {
      yields = lag
    },
    show({ stage: running, done, total, tasks }: BoundedProgress) {
      if (stage !== running) {
        bar?.stop()
        bar = progressBar(running, total, 'offsets', quiet)
        stage = running
      }
      const reasons = tasks.flatMap(({ state, reason }) =>
        state === 'retrying' && reason !== undefined ? [reason] : [],
      )
      const pause = yields === undefined ? '' : `paused: live ${yields.name} is ${yields.seconds.toFixed(0)} s behind`
      bar?.update(done, reasons[0] ?? pause)
    },
    stop() {
      bar?.stop()
    },
  }
}
