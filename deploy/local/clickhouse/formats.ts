/** ClickHouse's format where a statement, its URL and its headers name none. */
export const defaultFormat = 'TabSeparated'

const json = 'application/json; charset=UTF-8'
const lines = 'application/x-ndjson; charset=UTF-8'

/** The media type ClickHouse gives a format; the whole text formats that are not here are `text/plain`. */
export function contentType(format: string): string {
  const name = format.toLowerCase()
  if (/^json.*eachrow|^jsonlines$|^ndjson$|^prettyjsoneachrow$/.test(name)) return lines
  if (name.startsWith('json')) return json
  if (name.startsWith('csv')) return `text/csv; charset=UTF-8; header=${name.includes('names') ? 'present' : 'absent'}`
  if (/^(tsv|tabseparated)/.test(name)) return 'text/tab-separated-values; charset=UTF-8'
  if (name === 'xml') return 'application/xml; charset=UTF-8'
  if (/^(native|rowbinary.*|parquet|arrow.*|orc|avro|msgpack|protobuf.*|capnproto|bsoneachrow|npy|rawblob)$/.test(name))
    return 'application/octet-stream'
  return 'text/plain; charset=UTF-8'
}
