import { addHashes } from '#engine/delivery'
import { dropped, writeParts } from '../ledger/fold.ts'
import type { CutPart, FoldedCut, Head, SilverFile, Sum } from '../ledger/head.ts'
import { readPart } from '../ledger/state.ts'
import type { ObjectStore } from '../object-store.ts'
import { begin, conclude, type Offsets, type UpkeepOptions } from './job.ts'

export interface ExpireOptions extends UpkeepOptions {
  /** Milliseconds that rows stay, counted from writing; -1: for ever. */
  readonly retentionMs: number
}

export interface Expiry {
  readonly topic: string
  readonly bronze: Sum
  readonly silver: Sum
  readonly objects: number
  /** Cuts past their retention that something still needs. */
  readonly waiting: number
  readonly deleted: number
}

const none: Sum = { rows: 0, hashSum: '0' }
const plus = (sum: Sum, rows: number, hashSum: string): Sum => ({
  rows: sum.rows + rows,
  hashSum: addHashes(sum.hashSum, hashSum),
})

/**
 * Takes away what was written longer ago than the contract's retention. First a head that no longer names it becomes
 * visible (with how many rows went, so that `kappa verify` still adds up), then, after the grace period, the objects go:
 * nothing visible is ever missing. A silver file goes as a whole, when its last row is due; compaction keeps days apart.
 */
export async function expireTopic(options: ExpireOptions): Promise<Expiry> {
  const { topic, clock, retentionMs, dryRun, needed = () => false } = options
  const { before, folded, store } = await begin(options)
  const until = retentionMs < 0 ? Number.NEGATIVE_INFINITY : clock.now() - retentionMs
  const cuts = await sortedCuts(store, needed, folded, until)
  const silver = folded.silver.filter(({ newest }) => newest <= until)
  const objects = [...cuts.due.flatMap(({ bronze }) => bronze), ...silver].map(({ object }) => object)
  const report = {
    topic,
    bronze: cuts.due
      .flatMap(({ bronze }) => bronze)
      .reduce((sum, range) => plus(sum, range.count, range.hashSum), none),
    silver: silver.reduce((sum, file) => plus(sum, file.rows, file.hashSum), none),
    objects: objects.length,
    waiting: cuts.waiting,
  }
  if (dryRun === true) return { ...report, deleted: 0 }
  const next: Head =
    objects.length === 0
      ? folded
      : {
          ...folded,
          parts: [...(await writeParts(store, topic, cuts.kept)), ...cuts.untouched],
          silver: folded.silver.filter(({ newest }) => newest > until),
          expired: withExpired(folded, cuts.due, silver),
          dropped: [...folded.dropped, ...dropped([...objects, ...cuts.replaced], clock.now())],
        }
  return { ...report, deleted: await conclude(options, before, next) }
}

interface SortedCuts {
  readonly due: readonly FoldedCut[]
  /** Of the parts that are written anew. */
  readonly kept: readonly FoldedCut[]
  readonly untouched: readonly CutPart[]
  readonly replaced: readonly string[]
  readonly waiting: number
}

async function sortedCuts(
  store: ObjectStore,
  needed: (range: Offsets) => boolean,
  head: Head,
  until: number,
): Promise<SortedCuts> {
  const [due, kept, replaced]: [FoldedCut[], FoldedCut[], string[]] = [[], [], []]
  const untouched: CutPart[] = []
  let waiting = 0
  for (const part of head.parts) {
    const old = part.oldest <= until ? await readPart(store, part) : []
    const gone = new Set(old.filter(({ decidedAt, bronze }) => decidedAt <= until && !bronze.some(needed)))
    waiting += old.filter((cut) => cut.decidedAt <= until && !gone.has(cut)).length
    if (gone.size === 0) {
      untouched.push(part)
      continue
    }
    replaced.push(part.object)
    for (const cut of old) (gone.has(cut) ? due : kept).push(cut)
  }
  return { due, kept, untouched, replaced, waiting }
}

function withExpired(head: Head, cuts: readonly FoldedCut[], silver: readonly SilverFile[]): Head['expired'] {
  const expired: Record<string, { bronze: Sum; silver: Sum }> = { ...head.expired }
  const of = (generation: number) => expired[generation] ?? { bronze: none, silver: none }
  for (const { generation, bronze } of cuts)
    for (const { count, hashSum } of bronze)
      expired[generation] = { ...of(generation), bronze: plus(of(generation).bronze, count, hashSum) }
  for (const { generation, rows, hashSum } of silver)
    expired[generation] = { ...of(generation), silver: plus(of(generation).silver, rows, hashSum) }
  return expired
}
