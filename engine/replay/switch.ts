import { holdLane, type LaneRecord, moveLane, releaseLane } from '#engine/delivery'
import { KappaError } from '#engine/errors'
import {
  type Generation,
  type GenerationRecord,
  generationsOf,
  lastOf,
  nextGeneration,
  type Phase,
  phaseOf,
} from './generations.ts'
import { bare, expectHeld, type HandOverOptions, handOver, letGoOn, standDown } from './hand-over.ts'
import type { Hold } from './in-force.ts'
import { holderOf, laneOptions, lanesOf, nameOf } from './lanes.ts'
import { objectionTo } from './run.ts'
import type { SwitchableTables } from './verify.ts'

export interface SwitchOptions extends HandOverOptions {
  readonly tables: SwitchableTables
  /** The tables have the same rows of the same cuts: lanes go on in the generation that they have. */
  readonly keepsLanes?: boolean
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
  const [record] = await promoteTogether([{ options, generation }], despite)
  return record ?? generation.last
}

/** A generation of a chain, and what its switch works with. */
export interface SwitchPart {
  readonly options: SwitchOptions
  readonly generation: Generation
}

/**
 * The same for a chain: all lanes are held, all tables made whole and compared, and one transaction of the log decides about
 * every generation. Killed behind it, the same call ends what is not settled.
 */
export async function promoteTogether(
  parts: readonly SwitchPart[],
  despite: Despite = {},
): Promise<readonly GenerationRecord[]> {
  const { force = false } = despite
  if (parts.some(({ generation }) => phaseOf(generation) === 'promoting')) return await settleAll(parts, 'promoting')
  for (const { generation } of parts) expectPhase(generation, 'finished', 'promoting')
  for (const { options, generation } of parts) {
    const objection = objectionTo(generation)
    if (objection !== undefined && !accepts(generation, despite))
      throw new KappaError('VERIFICATION_MISMATCH', `promoting ${nameOf(generation.started)}: ${objection}`)
    await expectNoOtherSwitch(options, generation.started)
  }
  try {
    const switches: Switch[] = []
    for (const { options, generation } of parts) {
      const { started } = generation
      const handed = started.live === true ? await handOver(options, started, force) : undefined
      const { topic, tables, atStep = () => {} } = options
      const prepare = async (): Promise<Partial<GenerationRecord>> => {
        await tables.copyOutside(topic, started.generation, started)
        await atStep(2)
        const { differing } = await tables.compare(topic, started.generation, started)
        if (differing > 0 && !accepts(generation, despite))
          throw new KappaError(
            'VERIFICATION_MISMATCH',
            `promoting ${nameOf(started)}: ${differing} rows differ from the live ones since it was verified`,
          )
        await atStep(3)
        return {
          ...handed?.stopped,
          forced: force && objectionTo(generation) !== undefined,
          ...(differing > 0 ? { accepted: differing } : {}),
        }
      }
      switches.push({ options, started, taken: handed?.taken, prepare })
    }
    return await settleEach(parts, await switching(switches, 'promoted'))
  } catch (thrown) {
    for (const { options, generation } of parts) await letGoOn(options, generation.started).catch(() => {})
    throw thrown
  }
}

/** Whether what speaks against a generation was told, and is accepted. */
function accepts(generation: Generation, { force = false, differences = false }: Despite): boolean {
  const differing = lastOf(generation, 'verified', 'differing', 'refused')?.decision === 'differing'
  return force || (differing && differences)
}

/**
 * `promote` reversed: rows that came since are copied to the old table, which takes its place again. The lanes' generation
 * rises once more. Where the generation was live, the one before goes on from where it stopped: it publishes once more what
 * came since, and its rows replace the others by their identity.
 */
export async function rollback(options: SwitchOptions, generation: Generation): Promise<GenerationRecord> {
  const [record] = await rollbackTogether([{ options, generation }])
  return record ?? generation.last
}

/** The same for a chain, decided as one. */
export async function rollbackTogether(parts: readonly SwitchPart[]): Promise<readonly GenerationRecord[]> {
  if (parts.some(({ generation }) => phaseOf(generation) === 'rolling-back'))
    return await settleAll(parts, 'rolling-back')
  for (const { options, generation } of parts) {
    const { started } = generation
    if (phaseOf(generation) === 'promoting') await settle(options, decidedOf(generation))
    else expectPhase(generation, 'promoted', 'rolling back')
    const shown = await options.tables.shown(options.topic)
    if (shown !== started.generation)
      throw new KappaError('BLOCKED', `rolling back ${nameOf(started)}: v${shown} is live; roll that back first`)
  }
  try {
    const switches: Switch[] = []
    for (const { options, generation } of parts) {
      const { started } = generation
      const promoted = lastOf(generation, 'promoted')
      const positions = Object.assign({}, ...(promoted?.lanes?.held ?? []).map((held) => held.positions))
      const taken = started.live === true ? await standDown(options, started) : undefined
      const prepare = async (): Promise<Partial<GenerationRecord>> => {
        await options.tables.copySince(options.topic, started.generation, positions)
        return promoted?.replaces === undefined ? {} : { replaces: promoted.replaces }
      }
      switches.push({ options, started, taken, prepare })
    }
    return await settleEach(parts, await switching(switches, 'rolled-back'))
  } catch (thrown) {
    for (const { options, generation } of parts) await letGoOn(options, generation.started).catch(() => {})
    throw thrown
  }
}

interface Switch {
  readonly options: SwitchOptions
  readonly started: GenerationRecord
  readonly taken: Hold | undefined
  /** What it returns is part of the decision. */
  readonly prepare: () => Promise<Partial<GenerationRecord>>
}

/** Steps 1 to 4. */
async function switching(
  switches: readonly Switch[],
  decision: 'promoted' | 'rolled-back',
): Promise<readonly GenerationRecord[]> {
  const [first] = switches
  if (first === undefined) return []
  const { atStep = () => {}, log } = first.options
  const held = switches.map((): LaneRecord[] => [])
  const extras: Partial<GenerationRecord>[] = []
  try {
    for (const [index, { options, started }] of switches.entries()) {
      const lanes = await lanesOf(options)
      for (let lane = 0; lane < lanes; lane++)
        held[index]?.push(await holdLane(laneOptions(options, lane, lanes), holderOf(started)))
    }
    await atStep(1)
    for (const { options, started, taken, prepare } of switches) {
      extras.push(await prepare())
      if (taken !== undefined) expectHeld(await options.log.all(), started, taken)
    }
  } catch (thrown) {
    for (const [index, { options, started }] of switches.entries())
      for (const record of held[index] ?? [])
        await releaseLane(
          laneOptions(options, record.cut.lane, held[index]?.length ?? 1),
          holderOf(started),
          record,
        ).catch(() => {})
    throw thrown
  }
  const decided = await log.decideTogether((all, at) =>
    switches.map(({ options, started, taken }, index) => {
      if (taken !== undefined) expectHeld(all, started, taken)
      const own = held[index] ?? []
      const highest = Math.max(...own.map(({ cut }) => cut.generation))
      const next = () =>
        decision === 'promoted' && started.generation > highest
          ? started.generation
          : nextGeneration(all, started.processor, started.topic)
      const to = options.keepsLanes === true ? highest : next()
      return { ...bare(started), decision, at, lanes: { held: own, to }, ...extras[index] }
    }),
  )
  await atStep(4)
  return decided
}

/** What was decided about each, done. */
async function settleEach(
  parts: readonly SwitchPart[],
  decided: readonly GenerationRecord[],
): Promise<readonly GenerationRecord[]> {
  const settled: GenerationRecord[] = []
  for (const [index, { options }] of parts.entries()) {
    const record = decided[index]
    if (record !== undefined) settled.push(await settle(options, record))
  }
  return settled
}

/** Ends what a switch that was killed left unsettled. */
async function settleAll(parts: readonly SwitchPart[], phase: Phase): Promise<readonly GenerationRecord[]> {
  const settled: GenerationRecord[] = []
  for (const { options, generation } of parts)
    if (phaseOf(generation) === phase) settled.push(await settle(options, decidedOf(generation)))
  return settled
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
  for (const record of held) {
    const lane = laneOptions(options, record.cut.lane, held.length)
    if (record.cut.generation === to) await releaseLane(lane, holderOf(decided), record)
    else await moveLane(lane, holderOf(decided), record, to)
  }
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
