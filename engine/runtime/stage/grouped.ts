import { type KafkaRecord, placeOf } from '#engine/broker'

/** Records by place. They come in runs of one partition, so a place is looked up once per run. */
export function grouped(records: readonly KafkaRecord[]): Map<string, KafkaRecord[]> {
  const byPlace = new Map<string, KafkaRecord[]>()
  let list: KafkaRecord[] = []
  let last: KafkaRecord | undefined
  for (const record of records) {
    if (record.partition !== last?.partition || record.topic !== last.topic) {
      const place = placeOf(record)
      list = byPlace.get(place) ?? []
      byPlace.set(place, list)
    }
    list.push(record)
    last = record
  }
  return byPlace
}
