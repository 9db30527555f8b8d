import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { columnName, type FileRecord, type RecordReader } from './record.ts'

/** Rows decoded at a time; hyparquet takes row groups apart, so a file of one huge group costs its decoding each time. */
const ROWS = 20_000

/** Rows of Parquet as what the columns' types say: numbers, bigints, texts, dates. Throws where the file is none. */
export const parquetReader: RecordReader = async function* records(path) {
  const file = await asyncBufferFromFile(path)
  const metadata = await parquetMetadataAsync(file)
  let begin = 0
  for (const { num_rows } of metadata.row_groups) {
    const end = begin + Number(num_rows)
    for (; begin < end; begin += ROWS) {
      const rowEnd = Math.min(end, begin + ROWS)
      const rows = await parquetReadObjects({ file, metadata, compressors, rowStart: begin, rowEnd })
      const first = begin
      yield rows.map((row, i): FileRecord => {
        const cells = Object.fromEntries(Object.entries(row).map(([name, cell]) => [columnName(name), cell as unknown]))
        return { line: first + i + 1, bytes: undefined, cells }
      })
    }
    begin = end
  }
}
