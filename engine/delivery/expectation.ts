import type { CutLog } from './cut-log.ts'
import type { LaneRecord } from './lane-record.ts'
import { addHashes, subtractHashes } from './record-hash.ts'

/** Rows, and the sum of their hashes modulo 2^64 as decimal text. */
export interface RowSum {
  readonly rows: number
  readonly hashSum: string
}

/** What a sink read of a topic and marked done, in the generation that is live: what its store must hold. */
export interface Expectation {
  readonly generation: number
  /** Everything read. */
  readonly read: RowSum
  /** Without the rows that the store refused (they are dead letters). */
  readonly landed: RowSum
  readonly refused: number
  /** Everything below these offsets is done. */
  readonly positions: Readonly<Record<number, number>>
  /** The last done cut, by lane. */
  readonly cuts: Readonly<Record<number, number>>
  /** True where an earlier generation was promoted away: what it brought was replaced in part. */
  readonly promoted: boolean
}

/** What the cut log says of a topic; undefined where the sink never decided a cut of it. */
export async function expectationOf(log: CutLog, topic: string): Promise<Expectation | undefined> {
  const own = (await log.all()).filter(({ cut }) => cut.topic === topic)
  const lanes = own.filter(({ state }) => state !== 'moved')
  if (lanes.length === 0) return undefined
  const generation = Math.max(...lanes.map(({ cut }) => cut.generation))
  const live = lanes.filter(({ cut }) => cut.generation === generation)
  let [count, hashSum, refused, refusedHashSum] = [0, '0', 0, '0']
  for (const { totals } of live) {
    count += totals.count
    refused += totals.refused
    hashSum = addHashes(hashSum, totals.hashSum)
    refusedHashSum = addHashes(refusedHashSum, totals.refusedHashSum)
  }
  return {
    generation,
    read: { rows: count, hashSum },
    landed: { rows: count - refused, hashSum: subtractHashes(hashSum, refusedHashSum) },
    refused,
    positions: Object.assign({}, ...live.map(doneUpTo)),
    cuts: Object.fromEntries(
      live.map(({ cut, state }) => [cut.lane, state === 'decided' ? cut.number - 1 : cut.number]),
    ),
    promoted: own.some(({ state }) => state === 'moved'),
  }
}

/** Behind the last done cut: a decided one may be in the store or not. */
export function doneUpTo({ state, cut, positions }: LaneRecord): Readonly<Record<number, number>> {
  if (state !== 'decided') return positions
  return { ...positions, ...Object.fromEntries(cut.ranges.map(({ partition, first }) => [partition, first])) }
}
