import { KappaError } from '#engine/errors'
import type { ImportSource, SourceRow } from '#engine/ingest'
import type { AnyTopic } from '#engine/schema'
import { dateText, dayOf, startOfDay } from '../calendar.ts'
import { batchesOf, countOf, type Section } from './sections.ts'

/** What a domain hands to `boundedImport`: which rows, from where, to which topics. */
export interface BoundedSource {
  readonly importId: string
  readonly name: string
  readonly source: ImportSource
  readonly topics: readonly AnyTopic[]
  /** Rows in all. */
  readonly total: number
  rows(after: number): AsyncGenerator<readonly SourceRow[]>
}

/** The part of a data set that is wanted. Tables always come whole. */
export interface Part {
  /** First day, as `2017-06-01` in the data set's time zone. */
  readonly from?: string
  /** Last day, included. */
  readonly to?: string
  /** At most so many facts, the earliest ones. */
  readonly limit?: number
}

/** Rows a transaction. */
const BATCH = 10_000

export interface Range {
  /** First instant, included, milliseconds; `-Infinity` where the part has no beginning. */
  readonly from: number
  /** First instant behind, milliseconds. */
  readonly to: number
  readonly limit: number
  /** ` 2017-06-01..2017-06-30 first 1000`: what the import's id says of the part; empty for everything. */
  readonly label: string
}

/** Throws CONFIG_INVALID naming the flag that cannot be used. */
export function rangeOf({ from, to, limit }: Part, timeZone: string): Range {
  const first = from === undefined ? undefined : dayOf(from, '--from')
  const last = to === undefined ? undefined : dayOf(to, '--to')
  if (first !== undefined && last !== undefined && last < first)
    throw new KappaError('CONFIG_INVALID', `reading the wanted days: --to ${to} is before --from ${from}`)
  const days =
    first === undefined && last === undefined
      ? ''
      : ` ${first === undefined ? '' : dateText(first)}..${last === undefined ? '' : dateText(last)}`
  return {
    from: first === undefined ? Number.NEGATIVE_INFINITY : startOfDay(first, timeZone),
    to: last === undefined ? Number.POSITIVE_INFINITY : startOfDay(last + 1, timeZone),
    limit: limit ?? Number.POSITIVE_INFINITY,
    label: `${days}${limit === undefined ? '' : ` first ${limit}`}`,
  }
}

/** The total and the rows of sections, for a `BoundedSource`. */
export const rowsOf = (sections: readonly Section[]): Pick<BoundedSource, 'total' | 'rows'> => ({
  total: countOf(sections),
  async *rows(after) {
    yield* batchesOf(sections, after, BATCH)
  },
})
