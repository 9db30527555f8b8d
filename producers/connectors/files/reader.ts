import { KappaError, reasonOf } from '#engine/errors'
import { avroReader } from './avro.ts'
import { csvReader } from './csv.ts'
import type { FileFormat } from './format.ts'
import { jsonReader, ndjsonReader } from './json.ts'
import { parquetReader } from './parquet.ts'
import type { FileRecord, RecordReader } from './record.ts'

/**
 * The reader of a format. A file that cannot be read further ends in one unread record that says why: what came before it
 * stays, and the run goes on with the next file.
 */
export function readerOf(format: FileFormat): RecordReader {
  const read = plainReaderOf(format)
  return async function* records(path) {
    let line = 0
    const batches = read(path)
    for (;;) {
      let batch: readonly FileRecord[]
      try {
        const next = await batches.next()
        if (next.done) return
        batch = next.value
      } catch (thrown) {
        if (isOfTheMachine(thrown)) throw new KappaError('STORE', `reading ${path}`, { cause: thrown })
        const reason = `not readable as ${format.format} from here on: ${reasonOf(thrown)}`
        yield [{ line: line + 1, bytes: undefined, found: undefined, reason }]
        return
      }
      line = batch.at(-1)?.line ?? line
      yield batch
    }
  }
}

/** A disk that fails says nothing about the file's content: the same file may be read well later. */
const isOfTheMachine = (thrown: unknown): boolean =>
  /^E(IO|MFILE|NFILE|ACCES|PERM|NOENT|NOSPC|BUSY|AGAIN)$/.test((thrown as { code?: string } | null)?.code ?? '')

function plainReaderOf(format: FileFormat): RecordReader {
  switch (format.format) {
    case 'csv':
      return csvReader(format)
    case 'ndjson':
      return ndjsonReader(format.encoding)
    case 'json':
      return jsonReader(format.encoding)
    case 'parquet':
      return parquetReader
    case 'avro':
      return avroReader
  }
}
