import { cutCurrentTopic, Lease } from '#engine/delivery'
import { KappaError } from '#engine/errors'
import { type Generation, type GenerationRecord, generationsOf, lastOf, phaseOf } from '../generations.ts'
import { bare } from '../hand-over.ts'
import { letGo } from '../lanes.ts'
import { promote, rollback, type SwitchOptions } from '../switch.ts'
import type { SwitchableTables } from '../verify.ts'
import { compareRebuilt, differingOf, type RebuiltRows } from './compare.ts'
import { type DoneCut, doneCuts } from './cuts.ts'
import { cutName, fill } from './fill.ts'
import { type RebuildOptions, rebuildName } from './options.ts'
import { behind, type Planned, planRebuild, rowsAtATime, startedRecord } from './plan.ts'
import { whereaboutsOf } from './source.ts'
import { stretchesOf } from './stretch.ts'

/** Cuts that are brought while lanes are held: a moment's work. */
const FEW_CUTS = 20
const ROUNDS = 5

/** What became of a table that was made anew. */
export interface Rebuilt {
  readonly topic: string
  readonly generation: number
  readonly rows: number
  /** Rows of this process that the store refused; they are dead letters since the live sink refused them. */
  readonly refused: number
  readonly seconds: number
  readonly compared: readonly RebuiltRows[]
  readonly forced: boolean
}

/**
 * Makes a live table anew from what its sink read, beside it, and exchanges the two: 1 plan · 2 write every done cut again
 * into `…__v<n>` · 3 compare with the cut log · 4 `promote` (switch.ts): hold the lanes, write what they brought meanwhile,
 * compare once more, decide by one record, exchange, let the lanes go on. Killed at any step, the same call goes on.
 *
 * Rows are what the live sink wrote, times of writing included, so retention goes on from there. Throws CUT_MISMATCH where a
 * source is not as it was read, VERIFICATION_MISMATCH where the new table is not whole, BLOCKED where another process
 * rebuilds it, INTERRUPTED (resumable) at the operator's word. Up to the exchange the live table is untouched.
 */
export async function rebuildTable(options: RebuildOptions, force = false): Promise<Rebuilt> {
  const { topic, clock, log } = options
  const began = clock.now()
  const lease = await leaseOf(options)
  try {
    const planned = await planRebuild(options)
    const { plan } = planned
    const started = plan.resumed?.started ?? (await startedRecord(options, planned))
    const current = (): Promise<Generation> => generationOf(options, started.generation)
    if (phaseOf(await current()) === 'unfinished') await fillAll(options, planned, started, lease.confirm)
    const tables = new RebuiltTables(options, planned, started, lease.confirm)
    if (phaseOf(await current()) === 'finished') {
      await tables.catchUp()
      const { differing } = await tables.compare()
      const { compared } = tables
      const decision = differing === 0 ? 'verified' : 'differing'
      await log.decide((_all, at) => ({ ...base(started), decision, at, report: { differing, compared } }))
      if (differing > 0 && !force)
        throw new KappaError(
          'VERIFICATION_MISMATCH',
          `rebuilding the table of ${topic.name}: ${sayOf(compared)}; the live table is untouched (--force takes it all the same, --cancel gives it up)`,
        )
    }
    const record = await promote(switchOptions(options, tables), await current(), { force })
    await dropOlder(options, started.generation)
    const { compared } = tables
    return {
      topic: topic.name,
      generation: started.generation,
      rows: compared.reduce((sum, { found }) => sum + found.rows, 0),
      refused: plan.refused,
      seconds: (clock.now() - began) / 1_000,
      compared,
      forced: lastOf(await current(), 'promoted')?.forced === true || record.forced === true,
    }
  } catch (thrown) {
    if (!(thrown instanceof KappaError) || thrown.code !== 'FENCED') throw thrown
    throw new KappaError('BLOCKED', `rebuilding the table of ${topic.name}: another process does it`, { cause: thrown })
  } finally {
    await lease.close()
  }
}

/** The table before takes its place again, with what came since. Throws CONFIG_INVALID where none was rebuilt. */
export async function rollbackRebuild(options: RebuildOptions): Promise<GenerationRecord> {
  const generation = (await generationsHere(options)).findLast((one) =>
    ['promoting', 'promoted', 'rolling-back', 'rolled-back'].includes(phaseOf(one)),
  )
  if (generation === undefined || phaseOf(generation) === 'rolled-back')
    throw new KappaError('CONFIG_INVALID', `rolling ${options.topic.name} back: no rebuilt table is live`)
  return await rollback(switchOptions(options, options.tables), generation)
}

/** Gives up what is not live: the table beside the live one is dropped. Throws CONFIG_INVALID where there is none. */
export async function cancelRebuild(options: RebuildOptions): Promise<GenerationRecord> {
  const { topic, log, tables } = options
  const open = (await generationsHere(options)).findLast((one) =>
    ['unfinished', 'finished', 'promoting'].includes(phaseOf(one)),
  )
  if (open === undefined)
    throw new KappaError('CONFIG_INVALID', `cancelling the rebuilding of ${topic.name}: none is under way`)
  const { started } = open
  if (phaseOf(open) === 'promoting')
    throw new KappaError(
      'BLOCKED',
      `cancelling the rebuilding of ${topic.name}: it is decided; run it again to its end, then --rollback`,
    )
  await letGo(switchOptions(options, tables), started)
  const record = await log.decide((_all, at) => ({ ...base(started), decision: 'cancelled', at }))
  await tables.drop(topic, started.generation)
  return record
}

const base = (started: GenerationRecord): Omit<GenerationRecord, 'bounds' | 'report'> => {
  const { report: _, ...record } = bare(started)
  return record
}

const generationsHere = async ({ log, topic, cuts }: RebuildOptions): Promise<readonly Generation[]> =>
  generationsOf(await log.all(), rebuildName(cuts.sink, topic.name))

/** The table before the last exchange is kept; those that earlier rebuildings left are not. */
async function dropOlder(options: RebuildOptions, generation: number): Promise<void> {
  for (const one of await generationsHere(options))
    if (one.started.generation < generation && phaseOf(one) !== 'cancelled')
      await options.tables.drop(options.topic, one.started.generation)
}

async function generationOf(options: RebuildOptions, number: number): Promise<Generation> {
  const found = (await generationsHere(options)).find(({ started }) => started.generation === number)
  if (found !== undefined) return found
  throw new KappaError('STATE_MISMATCH', `rebuilding the table of ${options.topic.name}: v${number} is not recorded`)
}

async function fillAll(
  options: RebuildOptions,
  { plan, cuts, where }: Planned,
  started: GenerationRecord,
  confirm: () => Promise<void>,
): Promise<void> {
  const { clock, log } = options
  const began = clock.now()
  const stretches = stretchesOf(cuts, rowsAtATime(started))
  const { generation } = started
  const filled = await fill(options, {
    generation,
    stretches,
    cuts,
    where,
    resumed: plan.resumed !== undefined,
    confirm,
  })
  const report = { ...filled, cuts: cuts.length, seconds: (clock.now() - began) / 1_000 }
  await log.decide((_all, at) => ({ ...base(started), decision: 'finished', at, report }))
}

const switchOptions = (options: RebuildOptions, tables: SwitchableTables): SwitchOptions => {
  const { app, broker, registry, log, destination, cuts, topic, clock } = options
  const catchUp = async (): Promise<void> => {}
  const atStep = options.atStep === undefined ? {} : { atStep: options.atStep }
  return { app, broker, registry, log, destination, cuts, tables, topic, clock, catchUp, keepsLanes: true, ...atStep }
}

/** A switch's tables, where what the live one has that the other lacks comes from the topic, not from the live one. */
class RebuiltTables implements SwitchableTables {
  compared: readonly RebuiltRows[] = []
  private readonly options: RebuildOptions
  private readonly started: GenerationRecord
  private readonly confirm: () => Promise<void>
  private readonly planned: Planned
  /** Behind the plan, as far as they are written. */
  private since: readonly DoneCut[] = []
  private readonly written = new Set<string>()

  constructor(options: RebuildOptions, planned: Planned, started: GenerationRecord, confirm: () => Promise<void>) {
    this.options = options
    this.planned = planned
    this.started = started
    this.confirm = confirm
  }

  /** Before lanes are held: until little is left for then. */
  async catchUp(): Promise<void> {
    for (let rounds = 0; rounds < ROUNDS; rounds++) if ((await this.bringRest()) <= FEW_CUTS) return
  }

  /** The lanes are held: nothing comes behind it. */
  async copyOutside(): Promise<void> {
    await this.bringRest()
  }

  /** What lanes brought since the plan, cut by cut, under the tokens that they had; how many cuts these were. */
  private async bringRest(): Promise<number> {
    const { options, started, confirm, written } = this
    const { topic, broker, archive } = options
    const all = behind((await doneCuts(options.cuts, topic, options.clock)).kept, started.bounds?.[topic.name] ?? [])
    const cuts = all.filter(({ cut }) => !written.has(cutName(cut)))
    const where = await whereaboutsOf(topic.name, broker, archive)
    const { generation } = started
    const resumed = written.size === 0
    const { onProgress: _, ...quietly } = options
    await fill(quietly, { generation, stretches: stretchesOf(cuts, 1), cuts, where, resumed, confirm })
    for (const { cut } of cuts) written.add(cutName(cut))
    this.since = all
    return cuts.length
  }

  /** All that was written: in the switch that is all there is. */
  async compare() {
    const { options, started, planned, since } = this
    this.compared = await compareRebuilt(options, started.generation, [...planned.cuts, ...since])
    const compared = this.compared.reduce((sum, { expected }) => sum + expected.rows, 0)
    return { compared, differing: differingOf(this.compared), rows: [] }
  }

  exchange = (...of: Parameters<SwitchableTables['exchange']>) => this.options.tables.exchange(...of)
  rollback = (...of: Parameters<SwitchableTables['rollback']>) => this.options.tables.rollback(...of)
  copySince = (...of: Parameters<SwitchableTables['copySince']>) => this.options.tables.copySince(...of)
  shown = (...of: Parameters<SwitchableTables['shown']>) => this.options.tables.shown(...of)
  drop = (...of: Parameters<SwitchableTables['drop']>) => this.options.tables.drop(...of)
}

/** What differs, in words. */
export const sayOf = (compared: readonly RebuiltRows[]): string =>
  compared
    .filter(({ equal }) => !equal)
    .map(({ generation, expected, found }) => {
      const which = generation === 0 ? 'of the latest of every identity' : `of generation ${generation}`
      return expected.rows === found.rows
        ? `${which} as many rows as were read (${found.rows}), but not the same`
        : `${which} ${found.rows} rows are there, ${expected.rows} were brought`
    })
    .join('; ')

/** One process rebuilds a table at a time: a later one takes over, the earlier one ends with FENCED. */
async function leaseOf({ app, broker, topic, cuts, clock }: RebuildOptions) {
  await cuts.ensure()
  const asked = clock.now()
  const producer = await broker.transactional(`${app}-${cuts.sink}-rebuild-${topic.name}`)
  const lease = new Lease(producer, clock, asked)
  // Of the marks that lanes find their way by: nothing waits for this one.
  const mark = () =>
    producer.send({
      topic: cutCurrentTopic(cuts.sink),
      partition: 0,
      key: Buffer.from(`mark|rebuild|${topic.name}`),
      value: Buffer.from('rebuild'),
    })
  return {
    confirm: () => lease.confirm(async () => await mark()),
    close: () => producer.close(),
  }
}
