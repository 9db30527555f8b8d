import { addHashes, type Cut, type OffsetRange } from '#engine/delivery'
import type { DoneCut } from './cuts.ts'

/** Cuts of one stretch at most: each is a condition of the queries about it. */
const MOST_CUTS = 5_000

/**
 * Puts small cuts that follow one another in a lane together, up to so many rows: a table fed twice a second is not made
 * anew in as many inserts. The same cuts give the same stretches, so that a stretch sent twice has the same token.
 */
export function stretchesOf(cuts: readonly DoneCut[], rows: number): readonly Cut[] {
  const stretches: Cut[] = []
  let open: Cut[] = []
  let held = 0
  const close = (): void => {
    if (open.length > 0) stretches.push(stretchOf(open))
    open = []
    held = 0
  }
  for (const { cut } of cuts) {
    if (cut.count === 0) continue
    const [first] = open
    const follows = first !== undefined && first.lane === cut.lane && first.generation === cut.generation
    if (!follows || held + cut.count > rows || open.length >= MOST_CUTS) close()
    open.push(cut)
    held += cut.count
  }
  close()
  return stretches
}

/** A cut of several that follow one another; of one, that one as it is. */
export function stretchOf(cuts: readonly Cut[]): Cut {
  const [first] = cuts
  const last = cuts.at(-1)
  if (first === undefined || last === undefined || cuts.length === 1) return first ?? none
  const ranges = new Map<number, OffsetRange>()
  for (const { ranges: own } of cuts)
    for (const range of own) {
      const before = ranges.get(range.partition)
      const count = (before?.count ?? 0) + range.count
      ranges.set(range.partition, { ...range, first: before?.first ?? range.first, count })
    }
  const times = (of: (cut: Cut) => number | null): readonly number[] => cuts.flatMap((cut) => of(cut) ?? [])
  const least = (values: readonly number[]) =>
    values.reduce<number | null>((a, b) => (a === null || b < a ? b : a), null)
  const most = (values: readonly number[]) =>
    values.reduce<number | null>((a, b) => (a === null || b > a ? b : a), null)
  return {
    ...first,
    ranges: [...ranges.values()].sort((a, b) => a.partition - b.partition),
    count: cuts.reduce((sum, { count }) => sum + count, 0),
    hashSum: cuts.reduce((sum, { hashSum }) => addHashes(sum, hashSum), '0'),
    minEventTime: least(times(({ minEventTime }) => minEventTime)),
    maxEventTime: most(times(({ maxEventTime }) => maxEventTime)),
    schemaIds: [...new Set(cuts.flatMap(({ schemaIds }) => schemaIds))].sort((a, b) => a - b),
    // Of several together there is none: parts have their own.
    sha256: '',
    decidedAt: last.decidedAt,
    parts: cuts,
  }
}

const none: Cut = {
  sink: '',
  topic: '',
  lane: 0,
  generation: 0,
  number: 0,
  ranges: [],
  count: 0,
  minEventTime: null,
  maxEventTime: null,
  streamTimeBefore: {},
  schemaIds: [],
  writerVersion: '',
  sha256: '',
  hashSum: '0',
  decidedAt: 0,
}
