import type { KafkaRecord } from '#engine/broker'

/**
 * The records of a cut by partition, then offset. How partitions were read in turn differs from one reading to the next;
 * what a store makes of a cut (the bytes of an object, the halves of a refused insert) must not.
 */
export function inOrder(records: readonly KafkaRecord[]): readonly KafkaRecord[] {
  const byPartition = new Map<number, KafkaRecord[]>()
  let [partition, own] = [Number.NaN, [] as KafkaRecord[]]
  for (const record of records) {
    if (record.partition !== partition) {
      partition = record.partition
      own = byPartition.get(partition) ?? []
      byPartition.set(partition, own)
    }
    own.push(record)
  }
  if (byPartition.size === 1) return records
  return ([] as KafkaRecord[]).concat(...[...byPartition].sort(([a], [b]) => a - b).map(([, own]) => own))
}
