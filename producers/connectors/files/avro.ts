import { containerRecords } from '#engine/schema'
import { columnName, type FileRecord, type RecordReader } from './record.ts'

/** Records of an Avro object container file, by the schema in the file itself. Throws where the file is none, or ends early. */
export const avroReader: RecordReader = async function* records(path) {
  let line = 0
  for await (const values of containerRecords(path))
    yield values.map((value): FileRecord => {
      const cells = Object.fromEntries(Object.entries(value).map(([name, cell]) => [columnName(name), cell]))
      return { line: ++line, bytes: undefined, cells }
    })
}
