import { KappaError } from '#engine/errors'
import { type Named, names } from '#engine/runtime'
import {
  type GenerationLog,
  type GenerationRecord,
  generationsOf,
  phaseOf,
  type SwitchPositions,
} from './generations.ts'
import { type Hold, inForceOf } from './in-force.ts'
import { deliverRest, type LanesOptions, nameOf } from './lanes.ts'
import { betweenStages, progressOf, type StageProgress, sourcePositions } from './positions.ts'

export interface HandOverOptions extends LanesOptions {
  readonly log: GenerationLog
  /** Runs the generation on to these positions of its sources, into its own topic and table. Absent: it never is live. */
  readonly catchUp?: (started: GenerationRecord, positions: SwitchPositions) => Promise<void>
  /** How long stages behind a re-key may make no progress before they are taken as not running. @defaultValue 10 000 ms */
  readonly drainPatienceMs?: number
  /** Tests stop here: after each step, by its number. */
  readonly atStep?: (step: number) => void | Promise<void>
}

/** What stopped, and where: part of the decision. */
export interface Stopped {
  /** The generation that was in force. */
  readonly replaces: number
  readonly positions: SwitchPositions
}

const DRAIN_PATIENCE_MS = 10_000
const DRAIN_POLL_MS = 250

/**
 * The generation in force stops, and the one that replaces it stands where it stopped, with the same results published:
 *
 * 0.1 **hold** its tasks that read sources, in the log, and fence them · 0.2 those behind a re-key finish what they have ·
 * 0.3 hold and fence these too: the positions are final · 0.4 the new generation runs on to them, into its own table ·
 * 0.5 what the old one published is brought to its table.
 *
 * Nothing is decided by it: `letGoOn` lets the generation in force go on. Killed anywhere, it is called again.
 * @param force although results of the generation in force will be missing on the topic
 */
export async function handOver(
  options: HandOverOptions,
  started: GenerationRecord,
  force: boolean,
): Promise<{ readonly taken: Hold; readonly stopped: Stopped }> {
  const { broker, atStep = () => {} } = options
  const { catchUp } = options
  if (catchUp === undefined)
    throw new KappaError('CONFIG_INVALID', `promoting ${nameOf(started)}: it is to go live, and nothing runs it on`)
  const replaces = inForceOf(await options.log.all(), started.processor).generation
  const { taken, stages } = await stop(options, started, replaces, force)
  const positions = await sourcePositions(broker, stages)
  await atStep(0.3)
  await catchUp(started, positions)
  await expectNotBeyond(options, started, positions)
  await atStep(0.4)
  await deliverRest(options, started)
  await atStep(0.5)
  return { taken, stopped: { replaces, positions } }
}

/** The generation that was promoted stops where it is: the one before goes on from where it stopped itself. */
export async function standDown(options: HandOverOptions, started: GenerationRecord): Promise<Hold> {
  const { atStep = () => {} } = options
  const taken = await hold(options, started, false)
  const named = namedOf(options, started, started.generation)
  await fence(options, named, await progressOf(options.broker, named))
  await atStep(0.3)
  return taken
}

/**
 * Throws BLOCKED where the hold is not the one that was taken: another process ended the same switch, or gave it up, and
 * what was read since is not true any more.
 */
export function expectHeld(records: readonly GenerationRecord[], started: GenerationRecord, taken: Hold): void {
  if (inForceOf(records, started.processor).hold?.since === taken.since) return
  throw new KappaError(
    'BLOCKED',
    `switching ${nameOf(started)}: another process ended this switch or gave it up meanwhile; see kappa replay status`,
  )
}

/** Lets the processor go on that a switch held and did not decide about. */
export async function letGoOn({ log }: HandOverOptions, started: GenerationRecord): Promise<void> {
  const records = await log.all()
  const own = generationsOf(records, started.processor).find((one) => one.started.generation === started.generation)
  const decided = own !== undefined && ['promoting', 'rolling-back'].includes(phaseOf(own))
  if (decided || inForceOf(records, started.processor).hold?.by !== started.generation) return
  await log.decide((_all, at) => ({ ...bare(started), decision: 'released', at }))
}

async function stop(
  options: HandOverOptions,
  started: GenerationRecord,
  generation: number,
  force: boolean,
): Promise<{ readonly taken: Hold; readonly stages: readonly StageProgress[] }> {
  const { broker, atStep = () => {} } = options
  const named = namedOf(options, started, generation)
  const before = await progressOf(broker, named)
  await hold(options, started, true)
  await fence(
    options,
    named,
    before.filter(({ repartition }) => repartition === undefined),
  )
  await atStep(0.1)
  const left = await drained(options, named)
  if (left > 0 && !force)
    throw new KappaError(
      'BLOCKED',
      `promoting ${nameOf(started)}: the last stage of v${generation} has not taken ${left} records of the one before, and does not run. ` +
        `Let it (kappa run processor ${started.processor}, with the code of v${generation}) while promoting; with --force ` +
        `their results are in the table of v${started.generation}, but never on ${started.topic}`,
    )
  await atStep(0.2)
  const taken = await hold(options, started, false)
  await fence(options, named, before)
  return { taken, stages: await progressOf(broker, named) }
}

/** Waits while the stages behind a re-key take what is there; how many records are left. */
async function drained(options: HandOverOptions, named: Named): Promise<number> {
  const { broker, clock, drainPatienceMs = DRAIN_PATIENCE_MS } = options
  let least = Number.POSITIVE_INFINITY
  for (let deadline = clock.now() + drainPatienceMs; ; ) {
    const left = await betweenStages(broker, await progressOf(broker, named))
    if (left === 0) return 0
    if (left < least) deadline = clock.now() + drainPatienceMs
    least = Math.min(least, left)
    if (clock.now() >= deadline) return left
    await clock.sleep(DRAIN_POLL_MS)
  }
}

/** Writes the hold, unless it is there. Throws BLOCKED where another generation's switch holds the processor. */
async function hold({ log }: HandOverOptions, started: GenerationRecord, draining: boolean): Promise<Hold> {
  const { processor, generation } = started
  const free = (records: readonly GenerationRecord[]): Hold | undefined => {
    const { hold } = inForceOf(records, processor)
    if (hold === undefined || hold.by === generation) return hold
    const way = `end that first (kappa replay promote or rollback ${processor} v${hold.by}, or cancel it)`
    throw new KappaError(
      'BLOCKED',
      `switching ${nameOf(started)}: the switch of v${hold.by} holds the processor; ${way}`,
    )
  }
  const there = free(await log.all())
  if (there?.draining === draining) return there
  let since = 0
  await log.decide((all, at) => {
    free(all)
    since = all.length
    return { ...bare(started), decision: 'holding', draining, at }
  })
  return { by: generation, draining, since }
}

/** Whoever runs these tasks has lost them, and their last transactions are over, when this returns. */
async function fence({ broker }: HandOverOptions, named: Named, stages: readonly StageProgress[]): Promise<void> {
  for (const { stage, last } of stages)
    for (let partition = 0; partition < last.length; partition++)
      await (await broker.transactional(names.transaction(named, stage, partition))).close()
}

/** A generation that has taken more than the one in force has results that the live topic would never get. */
async function expectNotBeyond(
  options: HandOverOptions,
  started: GenerationRecord,
  positions: SwitchPositions,
): Promise<void> {
  const { broker } = options
  const own = await sourcePositions(broker, await progressOf(broker, namedOf(options, started, started.generation)))
  for (const [topic, ofTopic] of Object.entries(own))
    for (const [partition, position] of ofTopic.entries()) {
      const live = positions[topic]?.[partition] ?? position
      if (position <= live) continue
      throw new KappaError(
        'BLOCKED',
        `promoting ${nameOf(started)}: it has taken ${topic}[${partition}] up to ${position}, the generation in force only up to ${live}; let that one go on first (kappa run processor ${started.processor})`,
      )
    }
}

const namedOf = ({ app }: HandOverOptions, { processor }: GenerationRecord, generation: number): Named => ({
  app,
  processor,
  generation,
})

export function bare({ bounds: _, ...record }: GenerationRecord): Omit<GenerationRecord, 'bounds'> {
  return record
}
