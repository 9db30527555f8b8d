import type { Broker } from '#engine/broker'
import {
  type CutLimits,
  type CutLog,
  type Destination,
  holdLane,
  type LaneOptions,
  type LaneRecord,
  moveLane,
  releaseLane,
} from '#engine/delivery'
import { KappaError } from '#engine/errors'
import type { AnyTopic, Registry } from '#engine/schema'
import type { Clock } from '#engine/time'
import {
  type Generation,
  type GenerationLog,
  type GenerationRecord,
  generationsOf,
  lastOf,
  nextGeneration,
  phaseOf,
} from './generations.ts'
import { objectionTo } from './run.ts'
import type { SwitchableTables } from './verify.ts'

/** A lane that is held decides no cut. */
const LIMITS: CutLimits = { rows: 1, bytes: 1, ageMs: 1 }
const FIRST_GENERATION = 1

export interface SwitchOptions {
  readonly app: string
  readonly broker: Broker
  readonly registry: Registry
  readonly log: GenerationLog
  readonly destination: Destination
  /** The cut log of `destination`. */
  readonly cuts: CutLog
  readonly tables: SwitchableTables
  /** The result topic. */
  readonly topic: AnyTopic
  readonly clock: Clock
  /** Tests stop here: after each step, by its number. */
  readonly atStep?: (step: number) => void | Promise<void>
}

/**
 * The generation's table takes the live one's place.
 *
 * 1 hold the live lanes: nothing comes to the live table · 2 copy the rows outside the range · 3 compare once more: what
 * came since the verification counts · 4 **decide**: one record · 5 exchange the tables · 6 the lanes go on as the new
 * generation · 7 settled. Up to 4 nothing has happened, and an error lets the lanes go; from 4 on the record says what is
 * to be done, and promoting again does it. A reader sees the old table or the new one.
 */
export async function promote(
  options: SwitchOptions,
  generation: Generation,
  force = false,
): Promise<GenerationRecord> {
  const { started } = generation
  const phase = phaseOf(generation)
  if (phase !== 'promoting') {
    expectPhase(generation, 'finished', 'promoting')
    const objection = objectionTo(generation)
    if (objection !== undefined && !force)
      throw new KappaError('VERIFICATION_MISMATCH', `promoting ${nameOf(started)}: ${objection}`)
    await expectNoOtherSwitch(options, started)
    const { topic, tables, atStep = () => {} } = options
    const decided = await switching(
      options,
      started,
      'promoted',
      async () => {
        await tables.copyOutside(topic, started.generation, started)
        await atStep(2)
        const { differing } = await tables.compare(topic, started.generation, started)
        if (differing > 0 && !force)
          throw new KappaError(
            'VERIFICATION_MISMATCH',
            `promoting ${nameOf(started)}: ${differing} rows differ from the live ones since it was verified`,
          )
        await atStep(3)
      },
      { forced: force && objection !== undefined },
    )
    return settle(options, decided)
  }
  return settle(options, decidedOf(generation))
}

/** `promote` reversed: rows that came since are copied to the old table, which takes its place again. The lanes' generation rises once more. */
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
  const decided = await switching(options, started, 'rolled-back', () =>
    tables.copySince(topic, started.generation, positions),
  )
  return settle(options, decided)
}

/** Lets lanes go that a promotion held and never decided about. */
export async function letGo(options: SwitchOptions, started: GenerationRecord): Promise<void> {
  for (const record of await options.cuts.all())
    if (record.cut.topic === options.topic.name && record.state === 'held' && record.heldBy === holderOf(started))
      await releaseLane(laneOptions(options, record.cut.lane, 1), holderOf(started), record)
}

/** Steps 1 to 4, whatever `prepare` is in between. */
async function switching(
  options: SwitchOptions,
  started: GenerationRecord,
  decision: 'promoted' | 'rolled-back',
  prepare: () => Promise<void>,
  extra: Partial<GenerationRecord> = {},
): Promise<GenerationRecord> {
  const { atStep = () => {}, log } = options
  const held: LaneRecord[] = []
  const lanes = await lanesOf(options)
  try {
    for (let lane = 0; lane < lanes; lane++)
      held.push(await holdLane(laneOptions(options, lane, lanes), holderOf(started)))
    await atStep(1)
    await prepare()
  } catch (thrown) {
    for (const record of held)
      await releaseLane(laneOptions(options, record.cut.lane, lanes), holderOf(started), record).catch(() => {})
    throw thrown
  }
  const { bounds: _, ...base } = started
  const decided = await log.decide((all, at) => {
    const highest = Math.max(...held.map(({ cut }) => cut.generation))
    const to =
      decision === 'promoted' && started.generation > highest
        ? started.generation
        : nextGeneration(all, started.processor)
    return { ...base, decision, at, lanes: { held, to }, ...extra }
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

/** How many lanes the sink has for the live topic; one where it never ran. */
async function lanesOf({ cuts, topic }: SwitchOptions): Promise<number> {
  await cuts.ensure()
  const numbers = (await cuts.all()).filter(({ cut }) => cut.topic === topic.name).map(({ cut }) => cut.lane)
  return Math.max(0, ...numbers) + 1
}

const laneOptions = (options: SwitchOptions, lane: number, lanes: number): LaneOptions => ({
  app: options.app,
  topic: options.topic,
  source: options.topic.name,
  lane,
  lanes,
  generation: FIRST_GENERATION,
  limits: LIMITS,
  broker: options.broker,
  registry: options.registry,
  destination: options.destination,
  log: options.cuts,
  clock: options.clock,
})

function expectPhase(generation: Generation, wanted: string, doing: string): void {
  const phase = phaseOf(generation)
  if (phase !== wanted)
    throw new KappaError('BLOCKED', `${doing} ${nameOf(generation.started)}: it is ${phase}, not ${wanted}`)
}

const nameOf = ({ processor, generation }: GenerationRecord): string => `${processor} v${generation}`
const holderOf = ({ processor, generation }: GenerationRecord): string => `replay ${processor} v${generation}`
