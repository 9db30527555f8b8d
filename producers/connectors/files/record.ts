/** Cells of a record by column name; text where the format knows nothing else, otherwise what the format says. */
export type Cells = Readonly<Record<string, unknown>>

/** Where a record stands: the line or row it begins at, from 1, and its bytes, where it has some of its own. */
export interface RecordPlace {
  readonly line: number
  readonly bytes: readonly [first: number, length: number] | undefined
}

export interface ReadRecord extends RecordPlace {
  readonly cells: Cells
  /** As it stands in the file, where that is text. */
  readonly found?: string
}

/** What cannot be read as a record. `found` is undefined where the bytes are not text. */
export interface UnreadRecord extends RecordPlace {
  readonly found: string | undefined
  readonly reason: string
}

/** A record of a file: every one is an event or a dead letter in the end, none is left out. */
export type FileRecord = ReadRecord | UnreadRecord

export const isUnread = (record: FileRecord): record is UnreadRecord => 'reason' in record

/** Reads the records of a file in batches, in bounded memory; the same ones in the same order whenever it is called. */
export type RecordReader = (path: string) => AsyncGenerator<readonly FileRecord[]>

/** Column names as they are compared: ` Order Id`, `ORDER-ID`, `orderId` and `order_id` are one. */
export function columnName(name: string): string {
  const known = compared.get(name)
  if (known !== undefined) return known
  const made = spelt(name)
  if (compared.size < MOST_NAMES) compared.set(name, made)
  return made
}

/** Names recur in every record of JSON. */
const compared = new Map<string, string>()
const MOST_NAMES = 10_000

const spelt = (name: string): string =>
  name
    .trim()
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[\s-]+/g, '_')
