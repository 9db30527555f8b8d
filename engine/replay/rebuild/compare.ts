import type { KafkaRecord } from '#engine/broker'
import { addHashes, latestOf, type RowSum, refusedBy } from '#engine/delivery'
import { type DoneCut, keptSince } from './cuts.ts'
import { landedOf } from './fill.ts'
import type { RebuildOptions } from './options.ts'

/** Rows that a generation of the live sink brought, and what the table that was made anew has of them. */
export interface RebuiltRows {
  /** Of the lanes; 0: the latest row of every identity, where rows replace one another. */
  readonly generation: number
  readonly expected: RowSum
  readonly found: RowSum
  readonly equal: boolean
}

/**
 * Compares a table that was made anew with what the cut log says that the sink brought: rows and the sum of their hashes,
 * never with the live table, which may be the one that is wrong. What is past its retention is left out on both sides.
 */
export async function compareRebuilt(
  options: RebuildOptions,
  generation: number,
  cuts: readonly DoneCut[],
): Promise<readonly RebuiltRows[]> {
  const { topic, clock, tallies } = options
  const since = keptSince(topic, clock)
  const kept = cuts.filter(({ cut }) => since === undefined || cut.decidedAt >= since)
  if (topic.contract.topic.kind !== 'facts') return [await latest(options, generation, kept, since)]
  const numbers = [...new Set(kept.map(({ cut }) => cut.generation))].sort((a, b) => a - b)
  const compared: RebuiltRows[] = []
  for (const number of numbers) {
    const own = kept.filter(({ cut }) => cut.generation === number)
    const expected = own.map(landedOf).reduce(together, { rows: 0, hashSum: '0' })
    const found = await tallies.ofGeneration(topic, number, endsOf(own), since, generation)
    compared.push({ generation: number, expected, found, equal: isEqual(expected, found) })
  }
  return compared
}

/** An identity whose latest row was written since is in the table whatever became of its earlier ones. */
async function latest(
  options: RebuildOptions,
  generation: number,
  kept: readonly DoneCut[],
  since: number | undefined,
): Promise<RebuiltRows> {
  const { topic, broker, registry, archive, tallies, cuts } = options
  const isKept = within(kept)
  const hasRefused = kept.some(({ refused }) => refused > 0)
  const isRefused = hasRefused ? await refusedBy(broker, topic.name, cuts.sink) : () => false
  const counts = (record: KafkaRecord): boolean => isKept(record) && !isRefused(record)
  const expected = await latestOf(topic, endsOf(kept), { broker, registry, archive }, { counts })
  const found = await tallies.ofLatest(topic, generation, since)
  return { generation: 0, expected, found, equal: isEqual(expected, found) }
}

/** Whether a record is of one of these cuts. Cuts of a partition are read in order, one behind the other. */
function within(cuts: readonly DoneCut[]): (record: KafkaRecord) => boolean {
  const firsts = new Map<number, number>()
  for (const { cut } of cuts)
    for (const { partition, first } of cut.ranges)
      firsts.set(partition, Math.min(firsts.get(partition) ?? first, first))
  return ({ partition, offset }) => offset >= (firsts.get(partition) ?? Number.POSITIVE_INFINITY)
}

/** How many rows differ at least; 0 where nothing does. */
export const differingOf = (compared: readonly RebuiltRows[]): number =>
  compared
    .filter(({ equal }) => !equal)
    .reduce((sum, { expected, found }) => sum + Math.max(1, Math.abs(expected.rows - found.rows)), 0)

const isEqual = (a: RowSum, b: RowSum): boolean => a.rows === b.rows && a.hashSum === b.hashSum
const together = (a: RowSum, b: RowSum): RowSum => ({
  rows: a.rows + b.rows,
  hashSum: addHashes(a.hashSum, b.hashSum),
})

function endsOf(cuts: readonly DoneCut[]): Readonly<Record<number, number>> {
  const ends: Record<number, number> = {}
  for (const { cut } of cuts)
    for (const { partition, last } of cut.ranges) ends[partition] = Math.max(ends[partition] ?? 0, last + 1)
  return ends
}
