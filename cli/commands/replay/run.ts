import type { Command } from 'commander'
import { KappaError } from '#engine/errors'
import {
  boundsUpTo,
  chooseGeneration,
  type GenerationRecord,
  generationsOf,
  generationsOfChain,
  type Lag,
  LiveLag,
  lastOf,
  linkRequest,
  nextGeneration,
  phaseOf,
  planReplay,
  type ReplayPlan,
  type ReplayRequest,
  type RunReport,
  recordEnd,
  startedRecord,
} from '#engine/replay'
import type { BoundedProgress } from '#engine/runtime'
import { systemClock } from '#engine/time'
import { type Bar, progressBar } from '../produce/bar.ts'
import { stopSignal } from '../produce/stop.ts'
import { chainFrom, chainText, chainUnderWay, sessionOf } from './chain.ts'
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

With --key only results of one key take part: everything is read and computed (which event is late is told by all of them),
but the generation has that key's rows alone, they alone are compared, and a promotion leaves all others as they are.

With --downstream the processors that read its results are replayed behind it, from what it makes anew; for their windows
to be whole it publishes more than was asked for on its own topic (the plan says how much), and every table gives back only
what was asked for. kappa replay verify, promote and rollback then deal with all of them, by one decision.

Examples:
  kappa replay run retail-revenue-per-day --from 2017-06-01 --to 2017-07-01
  kappa replay run retail-revenue-per-day --from 2017-06-01 --to 2017-07-01 --key department=GROCERY
  kappa replay run cart-outcomes --from 2026-01-01 --to 2026-01-02 --downstream
  kappa replay run retail-revenue-per-day --from 2017-06-01 --to now --live
  kappa replay run retail-revenue-per-day --from 2017-06-01 --to 2017-07-01 --source s3 --into v2
  kappa replay run revenue-per-minute --from 2026-01-01T00:00:00Z --to now --dry-run`

interface RunFlags extends RangeFlags {
  readonly into?: number
  readonly rate?: number
  readonly maxLiveLag: string
  readonly downstream?: boolean
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
    .option('--downstream', 'with everything downstream of it: verified, promoted and rolled back together')
    .option('--dry-run', 'plan only')
    .addHelpText('after', help)
    .action((name: string, flags: RunFlags) =>
      withSession(name, (session) => {
        if (flags.dryRun === true) return showPlan(session, flags)
        return flags.downstream === true ? runDownstream(session, flags) : run(session, flags)
      }),
    )
}

async function showPlan(session: Session, flags: RangeFlags & { readonly downstream?: boolean }): Promise<void> {
  const { processor } = session
  const asked = requestOf(processor, flags)
  const links = flags.downstream === true ? chainFrom(session, asked) : []
  const publishes = links[0]?.publishes
  const plan = await planned(session, { ...asked, ...(publishes === undefined ? {} : { publishes }) })
  if (flags.json !== true && links.length > 0) console.log(`${chainText(links)}\n`)
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
  const stop = stopSignal()
  try {
    await perform(session, await begin(session, await wanted(session, flags), flags.into), flags, stop.signal)
  } finally {
    stop.release()
  }
}

/** A replay that was begun, or goes on. */
interface Begun {
  readonly started: GenerationRecord
  readonly plan: ReplayPlan
  readonly resumed: boolean
}

/** Runs it to its end, and records that. */
async function perform(session: Session, begun: Begun, flags: RunFlags, signal: AbortSignal): Promise<void> {
  const { processor, log } = session
  const { started, plan, resumed } = begun
  const { name } = processor.plan
  const boundSeconds = lagBound(flags.maxLiveLag)
  const quiet = flags.json === true
  if (!quiet) {
    console.log(planText(plan, await earlierRate(session)))
    console.log(`\n${resumed ? 'going on with' : 'replaying into'} v${started.generation}`)
  }
  const progress = stageBars(quiet)
  try {
    const report = await runSession(session, started, plan, {
      signal,
      onProgress: progress.show,
      ...(flags.rate === undefined ? {} : { rate: flags.rate }),
      ...(boundSeconds === undefined ? {} : { yields: await yieldsTo(session, boundSeconds, progress.paused) }),
    }).finally(progress.stop)
    await recordEnd(log, started, report)
    if (quiet) console.log(JSON.stringify({ processor: name, generation: started.generation, ...report }))
    else console.log(reportText(started, report))
  } catch (thrown) {
    if (thrown instanceof KappaError && thrown.code === 'CUT_MISMATCH') await recordEnd(log, started, thrown)
    throw thrown
  }
}

/** The processor, then everything downstream of it, each behind those that it reads from; what is finished is passed. */
async function runDownstream(session: Session, flags: RunFlags): Promise<void> {
  const asked = await wanted(session, flags)
  const links = chainFrom(session, asked)
  const stop = stopSignal()
  let chain = (await chainUnderWay(session, asked, flags.into))?.started.chain
  let ran = 0
  try {
    for (const link of links) {
      const own = sessionOf(session, link.plan.name)
      const made = chain === undefined ? [] : generationsOfChain(await session.log.all(), chain)
      const mine = made.find(({ started }) => started.processor === link.plan.name)
      if (mine !== undefined && phaseOf(mine) !== 'unfinished') continue
      const { name, version, destination } = link.plan
      const about = { processor: name, version, topic: destination.name, ...linkRequest(link, made) }
      const named = mine?.started.generation ?? (chain === undefined ? flags.into : undefined)
      const into = named ?? nextGeneration(await session.log.all(), name, destination.name)
      const request = { ...asked, ...about, ...(chain === undefined ? {} : { chain }) }
      const begun = await begin(own, request, into, chain === undefined)
      chain ??= begun.started.chain
      await perform(own, begun, flags, stop.signal)
      ran++
    }
  } finally {
    stop.release()
  }
  const [head] = links
  const generation = `${head?.plan.name} v${chain?.generation}`
  if (ran === 0)
    throw new KappaError(
      'BLOCKED',
      `replaying ${generation} and what is downstream: all of it is finished; kappa replay verify, promote or cancel ${generation}`,
    )
  if (flags.json !== true)
    console.log(`${links.length} processors replayed together; next: kappa replay verify ${generation}`)
}

function reportText({ processor, generation }: GenerationRecord, report: RunReport): string {
  const { results, events, seconds, late, deadLettered, yieldedSeconds } = report
  const paused = yieldedSeconds >= 1 ? `, paused for live traffic ${yieldedSeconds.toFixed(0)} s` : ''
  return (
    `v${generation}: ${results} results from ${events} events in ${seconds.toFixed(1)} s ` +
    `(${late} late, ${deadLettered} dead-lettered${paused})\nnext: kappa replay verify ${processor} v${generation}`
  )
}

/** What is asked for; `--to now` of a replay that goes on is the moment it began. */
async function wanted({ processor, log }: Session, flags: RunFlags): Promise<ReplayRequest> {
  const request = requestOf(processor, flags)
  if (flags.to !== 'now' || request.live === true) return request
  const going = generationsOf(await log.all(), request.processor).find(
    (one) =>
      phaseOf(one) === 'unfinished' &&
      one.started.from === request.from &&
      JSON.stringify(one.started.key) === JSON.stringify(request.key),
  )
  return going === undefined ? request : { ...request, to: going.started.to }
}

/**
 * The record of the replay that begins, or of the one that goes on.
 * @param heads a chain begins with it
 */
async function begin(
  session: Session,
  request: ReplayRequest,
  into: number | undefined,
  heads = false,
): Promise<Begun> {
  const { processor, log, sources } = session
  const chosen = chooseGeneration(await log.all(), request, into)
  if (chosen.kind === 'resume') {
    const { started } = chosen.generation
    const going = { ...started, source: request.source }
    return { started, plan: await planReplay(processor.plan, going, sources, started.bounds), resumed: true }
  }
  const plan = await planned(session, request)
  const started = await log.decide((all, now) => {
    const still = chooseGeneration(all, request, into)
    if (still.kind === 'resume')
      throw new KappaError(
        'BLOCKED',
        `replaying ${request.processor}: the same replay was begun this moment; run it again`,
      )
    const { generation } = still
    const chained = heads ? { ...request, chain: { head: request.processor, generation } } : request
    return startedRecord(chained, generation, plan.bounds, now)
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
