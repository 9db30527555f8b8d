import { bytesOf } from '#engine/broker'
import type { OffsetRange } from '#engine/delivery'
import { KappaError } from '#engine/errors'
import {
  FOREVER,
  type Generation,
  type GenerationRecord,
  generationsOf,
  nextGeneration,
  phaseOf,
  type ReplayBounds,
} from '../generations.ts'
import { type DoneCut, doneCuts } from './cuts.ts'
import { type RebuildOptions, rebuildName } from './options.ts'
import { StretchSource, splitOf, type Whereabouts, whereaboutsOf } from './source.ts'

const ROWS = 50_000
const BYTES = 32 * 1024 * 1024
const VERSION = 'rebuild/1'
/** Event times that any table can hold lie behind it: the year 1. */
const BEGINNING = Date.UTC(-1, 0)

/** What making a table anew would read and write; decided before anything is. */
export interface RebuildPlan {
  readonly topic: string
  readonly sink: string
  /** Of the table beside the live one, `…__v<generation>`. */
  readonly generation: number
  /** The one that goes on; undefined where it is new. */
  readonly resumed: Generation | undefined
  /** Cuts that are written again, those that the live sink brings meanwhile not counted. */
  readonly cuts: number
  readonly rows: number
  /** Of these rows, dead letters: the store refused them. */
  readonly refused: number
  /** Rows past the contract's retention, which the new table does without. */
  readonly expiredRows: number
  readonly fromKafka: number
  /** Offsets, an upper bound where the archive holds them. */
  readonly fromArchive: number
  readonly bounds: ReplayBounds
}

export interface Planned {
  readonly plan: RebuildPlan
  /** In the order written. */
  readonly cuts: readonly DoneCut[]
  readonly where: Whereabouts
}

/** Throws CONFIG_INVALID where rebuilding would lose rows, with the reason. Changes nothing. */
export async function planRebuild(options: RebuildOptions): Promise<Planned> {
  const { topic, cuts: log, broker, archive, choice, clock } = options
  const records = await options.log.all()
  const resumed = generationsOf(records, rebuildName(log.sink, topic.name)).findLast((one) => isOpen(one))
  await expectOwnRows(options, records)
  const found = await doneCuts(log, topic, clock)
  const bounds = resumed?.started.bounds ?? boundsOf(topic.name, found.kept)
  const cuts = within([...found.kept, ...found.expired], bounds[topic.name] ?? [])
  const where = await whereaboutsOf(topic.name, broker, archive)
  let [fromKafka, fromArchive] = [0, 0]
  for (const { cut } of cuts)
    for (const range of cut.ranges) {
      const split = splitOf(range, where, choice)
      fromArchive += split - range.first
      fromKafka += Math.max(0, range.last - split + 1)
    }
  const sum = (of: (one: DoneCut) => number, all = cuts): number => all.reduce((total, one) => total + of(one), 0)
  return {
    plan: {
      topic: topic.name,
      sink: log.sink,
      generation: resumed?.started.generation ?? nextGeneration(records, rebuildName(log.sink, topic.name), topic.name),
      resumed,
      cuts: cuts.length,
      rows: sum(({ cut }) => cut.count),
      refused: sum(({ refused }) => refused),
      expiredRows: sum(({ cut }) => cut.count, found.expired),
      fromKafka,
      fromArchive,
      bounds,
    },
    cuts,
    where,
  }
}

/** Waits for something: to be filled, compared, or settled. */
const isOpen = (generation: Generation): boolean =>
  ['unfinished', 'finished', 'promoting'].includes(phaseOf(generation))

/** The record that a rebuild begins with. How many rows go at once is fixed with it, so that it goes on the same. */
export async function startedRecord(
  { log, topic, cuts: { sink }, broker, archive, choice }: RebuildOptions,
  { plan, cuts, where }: Planned,
): Promise<GenerationRecord> {
  const [first] = cuts
  const source = new StretchSource({ broker, archive, where, choice })
  const sample = first === undefined ? [] : await source.read(first.cut).finally(() => source.close())
  const bytes = sample.reduce((sum, record) => sum + bytesOf(record), 0) / Math.max(1, sample.length)
  const rowsAtATime = Math.max(1, Math.min(ROWS, Math.floor(BYTES / Math.max(1, bytes))))
  const processor = rebuildName(sink, topic.name)
  return await log.decide((all, at) => {
    const generation = nextGeneration(all, processor, topic.name)
    if (generation !== plan.generation)
      throw new KappaError('BLOCKED', `rebuilding ${topic.name}: another began this moment; run it again`)
    const asked = { processor, topic: topic.name, from: BEGINNING, to: FOREVER, source: choice, version: VERSION }
    return { ...asked, generation, decision: 'started', at, bounds: plan.bounds, report: { rowsAtATime } }
  })
}

export const rowsAtATime = ({ report }: GenerationRecord): number => Number(report?.rowsAtATime ?? ROWS)

/** Those inside offsets that were fixed before. */
function within(cuts: readonly DoneCut[], bounds: ReplayBounds[string]): readonly DoneCut[] {
  const isInside = ({ partition, first, last }: OffsetRange): boolean => {
    const { start, end } = bounds[partition] ?? { start: 0, end: 0 }
    return first >= start && last < end
  }
  return inWritingOrder(cuts.filter(({ cut }) => cut.ranges.every(isInside)))
}

/** Done behind the offsets that were fixed: what a lane brought meanwhile. */
export function behind(cuts: readonly DoneCut[], bounds: ReplayBounds[string]): readonly DoneCut[] {
  const isBehind = ({ partition, first }: OffsetRange): boolean => first >= (bounds[partition]?.end ?? 0)
  return inWritingOrder(cuts.filter(({ cut }) => cut.ranges.every(isBehind)))
}

const inWritingOrder = (cuts: readonly DoneCut[]): readonly DoneCut[] =>
  [...cuts].sort(({ cut: a }, { cut: b }) => a.generation - b.generation || a.lane - b.lane || a.number - b.number)

function boundsOf(topic: string, cuts: readonly DoneCut[]): ReplayBounds {
  const bounds: { start: number; end: number }[] = []
  for (const { cut } of cuts)
    for (const { partition, first, last } of cut.ranges) {
      while (bounds.length <= partition) bounds.push({ start: 0, end: 0 })
      const own = bounds[partition]
      if (own === undefined) continue
      if (own.end === 0 || first < own.start) own.start = first
      own.end = Math.max(own.end, last + 1)
    }
  return { [topic]: bounds }
}

/** Throws CONFIG_INVALID where the table shows rows that no cut of the topic brought: those of a promoted replay. */
async function expectOwnRows(
  { topic, tables, destination, cuts }: RebuildOptions,
  records: readonly GenerationRecord[],
): Promise<void> {
  // Refuses a store whose tables cannot be exchanged.
  destination.into(1)
  // What the sink does when it starts: a table that somebody dropped is rebuilt as well.
  await destination.prepare(topic)
  const shown = await tables.shown(topic)
  const maker = records.find(({ topic: of, generation }) => of === topic.name && generation === shown)
  if (shown === 1 || maker === undefined || maker.processor === rebuildName(cuts.sink, topic.name)) return
  throw new KappaError(
    'CONFIG_INVALID',
    `rebuilding the table of ${topic.name}: it shows v${shown} of ${maker.processor}, whose rows are not on the topic; kappa replay run ${maker.processor} makes them anew`,
  )
}
