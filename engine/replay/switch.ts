import { holdLane, type LaneRecord, moveLane, releaseLane } from '#engine/delivery'
import { KappaError } from '#engine/errors'
import {
  type Generation,
  type GenerationRecord,
  generationsOf,
  lastOf,
  nextGeneration,
  phaseOf,
} from './generations.ts'
import { bare, expectHeld, type HandOverOptions, handOver, letGoOn, standDown } from './hand-over.ts'
import type { Hold } from './in-force.ts'
import { holderOf, laneOptions, lanesOf, nameOf } from './lanes.ts'
import { objectionTo } from './run.ts'
import type { SwitchableTables } from './verify.ts'

export interface SwitchOptions extends HandOverOptions {
  readonly tables: SwitchableTables
}

/** What an operator promotes although. Recorded with the decision. */
export interface Despite {
  /** Rows that differ, where the generation was verified and they were told. */
  readonly differences?: boolean
  /** Anything that speaks against it. */
  readonly force?: boolean
}

/**
 * The generation's table takes the live one's place; a live generation takes over its processor with it.
 *
 * 0 a live one: the generation in force stops and hands over (hand-over.ts) · 1 hold the live lanes: nothing comes to the
 * live table · 2 copy the rows outside the range · 3 compare once more: what came since the verification counts ·
 * 4 **decide**: one record · 5 exchange the tables · 6 the lanes go on as the new generation · 7 settled: from here on a
 * live generation is in force. Up to 4 nothing has happened, and an error lets processor and lanes go; from 4 on the record
 * says what is to be done, and promoting again does it. A reader sees the old table or the new one.
 */
export async function promote(
  options: SwitchOptions,
  generation: Generation,
  despite: Despite = {},
): Promise<GenerationRecord> {
  const { started } = generation
  const { force = false } = despite
  if (phaseOf(generation) === 'promoting') return settle(options, decidedOf(generation))
  expectPhase(generation, 'finished', 'promoting')
  const objection = objectionTo(generation)
  const differing = lastOf(generation, 'verified', 'differing', 'refused')?.decision === 'differing'
  const accepted = force || (differing && despite.differences === true)
  if (objection !== undefined && !accepted)
    throw new KappaError('VERIFICATION_MISMATCH', `promoting ${nameOf(started)}: ${objection}`)
  await expectNoOtherSwitch(options, started)
  const { topic, tables, atStep = () => {} } = options
  try {
    const handed = started.live === true ? await handOver(options, started, force) : undefined
    const decided = await switching(options, started, 'promoted', handed?.taken, async () => {
      await tables.copyOutside(topic, started.generation, started)
      await atStep(2)
      const { differing } = await tables.compare(topic, started.generation, started)
      if (differing > 0 && !accepted)
        throw new KappaError(
          'VERIFICATION_MISMATCH',
          `promoting ${nameOf(started)}: ${differing} rows differ from the live ones since it was verified`,
        )
      await atStep(3)
      return {
        ...handed?.stopped,
        forced: force && objection !== undefined,
        ...(differing > 0 ? { accepted: differing } : {}),
      }
    })
    return await settle(options, decided)
  } catch (thrown) {
    await letGoOn(options, started).catch(() => {})
    throw thrown
  }
}

/**
 * `promote` reversed: rows that came since are copied to the old table, which takes its place again. The lanes' generation
 * rises once more. Where the generation was live, the one before goes on from where it stopped: it publishes once more what
 * came since, and its rows replace the others by their identity.
 */
export async function rollback(options: SwitchOptions, generation: Generation): Promise<GenerationRecord> {
  const { started } = generation
  const { topic, tables } = options
  const phase = phaseOf(generation)
  if (phase === 'rolling-back') return settle(options, decidedOf(generation))
  if (phase === 'promoting') await settle(options, decidedOf(generation))
  else expectPhase(generation, 'promoted', 'rolling back')
  const shown = await tables.shown(topic)
  if (shown !== started.generation)
    throw new KappaError('BLOCKED', `rolling back ${nameOf(started)}: v${shown} is live; roll that back first`)
  const promoted = lastOf(generation, 'promoted')
  const positions = Object.assign({}, ...(promoted?.lanes?.held ?? []).map((held) => held.positions))
  try {
    const taken = started.live === true ? await standDown(options, started) : undefined
    const decided = await switching(options, started, 'rolled-back', taken, async () => {
      await tables.copySince(topic, started.generation, positions)
      return promoted?.replaces === undefined ? {} : { replaces: promoted.replaces }
    })
    return await settle(options, decided)
  } catch (thrown) {
    await letGoOn(options, started).catch(() => {})
    throw thrown
  }
}

/** Steps 1 to 4, whatever `prepare` is in between; what it returns is part of the decision. */
async function switching(
  options: SwitchOptions,
  started: GenerationRecord,
  decision: 'promoted' | 'rolled-back',
  taken: Hold | undefined,
  prepare: () => Promise<Partial<GenerationRecord>>,
): Promise<GenerationRecord> {
  const { atStep = () => {}, log } = options
  const held: LaneRecord[] = []
  const lanes = await lanesOf(options)
  let extra: Partial<GenerationRecord>
  try {
    for (let lane = 0; lane < lanes; lane++)
      held.push(await holdLane(laneOptions(options, lane, lanes), holderOf(started)))
    await atStep(1)
    extra = await prepare()
    if (taken !== undefined) expectHeld(await log.all(), started, taken)
  } catch (thrown) {
    for (const record of held)
      await releaseLane(laneOptions(options, record.cut.lane, lanes), holderOf(started), record).catch(() => {})
    throw thrown
  }
  const decided = await log.decide((all, at) => {
    if (taken !== undefined) expectHeld(all, started, taken)
    const highest = Math.max(...held.map(({ cut }) => cut.generation))
    const to =
      decision === 'promoted' && started.generation > highest
        ? started.generation
        : nextGeneration(all, started.processor)
    return { ...bare(started), decision, at, lanes: { held, to }, ...extra }
  })
  await atStep(4)
  return decided
}

/** Steps 5 to 7, from the record alone. */
async function settle(options: SwitchOptions, decided: GenerationRecord): Promise<GenerationRecord> {
  const { atStep = () => {}, log, tables, topic } = options
  const { lanes, ...base } = decided
  if (lanes === undefined)
    throw new KappaError('STATE_MISMATCH', `switching ${nameOf(decided)}: nothing was decided about its lanes`)
  if (decided.decision === 'promoted') await tables.exchange(topic, decided.generation)
  else await tables.rollback(topic, decided.generation)
  await atStep(5)
  const { held, to } = lanes
  for (const record of held)
    await moveLane(laneOptions(options, record.cut.lane, held.length), holderOf(decided), record, to)
  await atStep(6)
  return log.decide((_all, at) => ({
    ...base,
    decision: 'settled',
    at,
    report: { after: decided.decision, laneGeneration: to },
  }))
}

/** What was decided and not settled yet. */
function decidedOf(generation: Generation): GenerationRecord {
  const decided = lastOf(generation, 'promoted', 'rolled-back')
  if (decided !== undefined) return decided
  throw new KappaError('STATE_MISMATCH', `switching ${nameOf(generation.started)}: nothing was decided`)
}

/** One table can take the live place at a time. */
async function expectNoOtherSwitch({ log }: SwitchOptions, started: GenerationRecord): Promise<void> {
  for (const other of generationsOf(await log.all(), started.processor)) {
    const phase = phaseOf(other)
    if (phase !== 'promoting' && phase !== 'rolling-back') continue
    const way = phase === 'promoting' ? 'promote' : 'rollback'
    throw new KappaError(
      'BLOCKED',
      `promoting ${nameOf(started)}: ${nameOf(other.started)} is ${phase}; end that first (kappa replay ${way})`,
    )
  }
}

function expectPhase(generation: Generation, wanted: string, doing: string): void {
  const phase = phaseOf(generation)
  if (phase !== wanted)
    throw new KappaError('BLOCKED', `${doing} ${nameOf(generation.started)}: it is ${phase}, not ${wanted}`)
}
