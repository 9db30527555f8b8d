import type { Checkpoints, SourcePlace, SourceRow } from '#engine/ingest'
import type { Clock } from '#engine/time'
import { originText } from '../origin.ts'
import type { FileKind } from './config.ts'
import { advanced, type FileEntry, fileKey, type Ledger, unitOf } from './ledger.ts'
import { readerOf } from './reader.ts'
import type { FileRecord } from './record.ts'

/** Records a transaction. */
const BATCH = 5_000

/** Longer records are dead letters: a broker takes a megabyte at most (message.max.bytes), sealing makes texts longer. */
const MOST_BYTES = 400_000

export interface Taking {
  /** As events name it (`kappa.origin`). */
  readonly source: string
  readonly checkpoints: Checkpoints
  readonly ledger: Ledger
  readonly clock: Clock
  readonly signal?: AbortSignal
  /** Told after every transaction: the entry, and how many bytes of the file are through, about. */
  readonly onProgress?: (entry: FileEntry, bytes: number) => void
}

/**
 * Takes what is missing of a file, in transactions that hold the events, the dead letters and the entry that counts them. The
 * signal ends it after a transaction; the entry then has no end.
 * @param path the file's own copy, which nobody else writes
 * @param earlier the shorter state of the file whose records are passed over
 */
export async function takeFile(
  taking: Taking,
  kind: FileKind,
  path: string,
  begun: FileEntry,
  earlier?: Pick<FileEntry, 'last'>,
): Promise<FileEntry> {
  const { source, checkpoints, ledger, clock, signal, onProgress } = taking
  let entry = begun
  let index = 0
  let waiting: Numbered[] = []

  async function commit(records: readonly Numbered[], ended: boolean): Promise<void> {
    const takenAt = clock.now()
    const rows = records.map((record) => rowOf(kind, record, source, entry, takenAt))
    const last = records.at(-1)?.record.bytes ?? null
    await checkpoints.commit(rows, (tallies) => {
      entry = advanced(entry, { rows: rows.length, last, tallies, takenAt, ended })
      return new Map([[fileKey(entry), entry]])
    })
    ledger.note(entry)
    onProgress?.(entry, ended ? entry.bytes : (last?.[0] ?? 0))
  }

  for await (const batch of readerOf(kind.format)(path)) {
    for (const record of batch) {
      const at = index++
      if (at < begun.passed + begun.rows) continue
      // the last record of the shorter state is taken again only where it has grown since
      if (at === begun.passed && begun.rows === 0 && earlier !== undefined && samePlace(record.bytes, earlier.last)) {
        entry = { ...entry, passed: begun.passed + 1 }
        continue
      }
      // elements of JSON may share a line: they are told apart by their number
      waiting.push({ record, number: kind.format.format === 'json' ? at + 1 : record.line })
    }
    while (waiting.length >= BATCH) {
      if (signal?.aborted) return entry
      await commit(waiting.slice(0, BATCH), false)
      waiting = waiting.slice(BATCH)
    }
    if (signal?.aborted) return entry
  }
  await commit(waiting, true)
  return entry
}

const samePlace = (a: readonly [number, number] | undefined, b: readonly [number, number] | null): boolean =>
  a !== undefined && b !== null && a[0] === b[0] && a[1] === b[1]

interface Numbered {
  readonly record: FileRecord
  /** The line or row, or the number of the element: tells the records of a file apart. */
  readonly number: number
}

function rowOf(
  kind: FileKind,
  { record, number }: Numbered,
  source: string,
  entry: FileEntry,
  takenAt: number,
): SourceRow {
  const { line, bytes } = record
  const place: SourcePlace = {
    file: entry.name,
    line,
    origin: originText({ source, unit: unitOf(entry), line: number, takenAt }),
    ...(bytes === undefined ? {} : { bytes }),
  }
  return kind.rowOf((bytes?.[1] ?? 0) <= MOST_BYTES ? record : tooLong(record), place)
}

const tooLong = ({ line, bytes }: FileRecord): FileRecord => ({
  line,
  bytes,
  found: undefined,
  reason: `a record of ${bytes?.[1]} bytes: up to ${MOST_BYTES} become events; it stands in the original`,
})
