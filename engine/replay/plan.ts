import type { ArchivedRange, OffsetRange } from '#engine/delivery'
import { KappaError } from '#engine/errors'

/**
 * From an event-time range to offsets: step 1 of a replay. Pure: what the log and the archive hold goes in, what to read
 * from where comes out.
 */
export type SourceChoice = 'kafka' | 's3' | 'auto'

/** What is known of one partition. Offsets are of the next record where they say `end`. */
export interface PartitionFacts {
  readonly topic: string
  readonly partition: number
  /** First offset still in Kafka. */
  readonly beginning: number
  /** Read-committed end in Kafka. */
  readonly committedEnd: number
  /** Archived ranges, by first offset. */
  readonly archived: readonly ArchivedRange[]
  /** Ranges that the archive's cut log says were written: one that the archive does not have is a hole in it. */
  readonly decided?: readonly OffsetRange[]
  /** A table is read whole: its history is what a join may look up. */
  readonly whole: boolean
}

export interface Segment {
  readonly from: 'kafka' | 's3'
  /** First and last offset to read, both included. */
  readonly first: number
  readonly last: number
  /** The object, where `from` is `s3`. */
  readonly range?: ArchivedRange
}

export interface PartitionPlan {
  readonly topic: string
  readonly partition: number
  readonly start: number
  /** The offset after the last one read. */
  readonly end: number
  /** Stitched by offset: every offset of `[start, end)` in exactly one segment. */
  readonly segments: readonly Segment[]
}

export interface ReplayWindow {
  /** Event time `[from, to)`, milliseconds. */
  readonly from: number
  readonly to: number
  /** Event time read before `from`, so that state is what it was: window size and grace; Infinity: all there is. */
  readonly warmUpMs: number
  /** Event time read after `to`, so that the last windows close as they did live; Infinity: to the end. */
  readonly graceMs: number
}

/** A range whose event times are unknown may hold anything. */
const earliest = (range: ArchivedRange): number => range.minEventTime ?? Number.NEGATIVE_INFINITY
const latest = (range: ArchivedRange): number => range.maxEventTime ?? Number.POSITIVE_INFINITY

/** What to read of a partition; throws CONFIG_INVALID naming the offsets that neither Kafka nor the archive has. */
export function planPartition(facts: PartitionFacts, window: ReplayWindow, choice: SourceChoice): PartitionPlan {
  const bounds = facts.whole ? { start: firstKnown(facts), end: facts.committedEnd } : boundsOf(facts, window)
  return planBounds(facts, bounds, choice)
}

/** The same for offsets that were fixed before: what is resumed may by now have to come from elsewhere. */
export function planBounds(
  facts: PartitionFacts,
  { start, end }: { readonly start: number; readonly end: number },
  choice: SourceChoice,
): PartitionPlan {
  const { topic, partition } = facts
  return { topic, partition, start, end, segments: stitch(facts, start, end, choice) }
}

const firstKnown = (facts: PartitionFacts): number =>
  Math.min(facts.beginning, facts.archived[0]?.first ?? facts.beginning)

/**
 * Starts with the first range that reaches into the warm-up and ends with the last one that holds an event before `to`,
 * but not before the range whose events close the last window. Offsets that no manifest describes yet are read.
 */
function boundsOf(facts: PartitionFacts, window: ReplayWindow): { start: number; end: number } {
  const { archived, committedEnd } = facts
  const archivedEnd = (archived.at(-1)?.last ?? -1) + 1
  const first = archived.find((range) => latest(range) >= window.from - window.warmUpMs)
  const start = first ? startingWith(first, facts) : Math.max(archivedEnd, archived.length === 0 ? facts.beginning : 0)
  const inside = archived.findLast((range) => earliest(range) < window.to)
  // What closes a window is an event that is known to be there, never one that might be.
  const closing = archived.find(
    ({ maxEventTime }) => maxEventTime !== null && maxEventTime >= window.to + window.graceMs,
  )
  if (closing === undefined) return { start, end: committedEnd }
  return { start, end: Math.max(inside?.last ?? -1, closing.last) + 1 }
}

/** Before the first archived range nothing is described: it is read where Kafka has it. */
const startingWith = (range: ArchivedRange, { archived, beginning }: PartitionFacts): number =>
  range === archived[0] ? Math.min(beginning, range.first) : range.first

/** Kafka where it still has the offsets, the archive where it has not; `s3` prefers the archive wherever it reaches. */
function stitch(facts: PartitionFacts, start: number, end: number, choice: SourceChoice): Segment[] {
  const segments: Segment[] = []
  let at = start
  const kafka = (last: number): void => {
    segments.push({ from: 'kafka', first: at, last })
    at = last + 1
  }
  for (const range of facts.archived) {
    if (at >= end) break
    if (range.last < at) continue
    if (choice === 'kafka' || (choice === 'auto' && at >= facts.beginning)) break
    if (range.first > at && at >= facts.beginning) kafka(Math.min(range.first, end) - 1)
    else if (range.first > at) {
      // A lane's cuts follow each other: between two of them lie markers and aborted records alone, unless one is missing.
      const hole = facts.decided?.find(({ first, last }) => first < range.first && last >= at)
      if (hole !== undefined) throw lost(facts, hole.first, hole.last + 1)
      at = range.first
    }
    if (at >= end) break
    const last = Math.min(range.last, end - 1)
    segments.push({ from: 's3', first: at, last, range })
    at = last + 1
  }
  if (at < end) {
    if (at < facts.beginning) throw lost(facts, at, Math.min(facts.beginning, end))
    kafka(end - 1)
  }
  return segments
}

function lost(facts: PartitionFacts, from: number, to: number): KappaError {
  const place = `${facts.topic}[${facts.partition}]`
  return new KappaError(
    'CONFIG_INVALID',
    `planning ${place}: offsets ${from} to ${to - 1} are neither in Kafka (which begins at ${facts.beginning}) nor in the archive; choose --source auto, or a range that is covered`,
  )
}
