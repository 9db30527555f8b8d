import type { AnyTopic, Topic } from '#engine/schema'

/** Where a row stood in its source: shown to people, so counted as editors do. */
export interface SourcePlace {
  /** Name of the file, or of the generator. */
  readonly file: string
  /** Line of a text file, row of a table; the first is 1. */
  readonly line: number
  /** Which piece of which source it was: goes with the event, and with its dead letter, as header `kappa.origin`. */
  readonly origin?: string
  /** Where its bytes are in the file: the first one and how many. A dead letter says so in `kappa.bytes`. */
  readonly bytes?: readonly [first: number, length: number]
}

/** The header that says where an event came from, as its source spells it (`SourcePlace.origin`). */
export const ORIGIN_HEADER = 'kappa.origin'

/** A value for a topic. It is judged when it is published: whether it keeps the rules and fits the schema. */
export interface ValueRow {
  readonly topic: AnyTopic
  readonly value: unknown
  readonly place: SourcePlace
}

/** A row that its source could not make a value of: it goes to the dead-letter topic as it was found. */
export interface BrokenRow {
  readonly topic: AnyTopic
  /** The row as found: text, or the columns by name. */
  readonly found: unknown
  readonly reason: string
  readonly place: SourcePlace
}

export type SourceRow = ValueRow | BrokenRow

/** A row whose value is checked by the compiler. */
export const row = <V>(topic: Topic<V>, value: V, place: SourcePlace): ValueRow => ({ topic, value, place })

export const isBroken = (one: SourceRow): one is BrokenRow => 'reason' in one

/** Cuts rows into batches of at most `size`, in order: what `rows` of a bounded import yields. */
export function* inBatches(rows: Iterable<SourceRow>, size: number): Generator<readonly SourceRow[]> {
  let batch: SourceRow[] = []
  for (const one of rows) {
    batch.push(one)
    if (batch.length < size) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
