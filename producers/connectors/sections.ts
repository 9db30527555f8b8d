import type { SourceRow } from '#engine/ingest'

/** Rows that can be reached by number: a part of a bounded import. */
export interface Section {
  readonly length: number
  /** The row with this index, from 0. The same one whenever asked. */
  at(index: number): SourceRow
}

/** A section of rows at hand. */
export const rowsAtHand = (rows: readonly SourceRow[]): Section => ({
  length: rows.length,
  at: (index) => rows[index] as SourceRow,
})

/** The rows of several sections one behind the other, after the first `after`, in batches of `size`. */
export function* batchesOf(sections: readonly Section[], after: number, size: number): Generator<readonly SourceRow[]> {
  let batch: SourceRow[] = []
  let skip = after
  for (const section of sections) {
    for (let index = Math.min(skip, section.length); index < section.length; index++) {
      batch.push(section.at(index))
      if (batch.length < size) continue
      yield batch
      batch = []
    }
    skip = Math.max(0, skip - section.length)
  }
  if (batch.length > 0) yield batch
}

/** Rows in all. */
export const countOf = (sections: readonly Section[]): number => sections.reduce((sum, { length }) => sum + length, 0)
