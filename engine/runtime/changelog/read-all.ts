import { type Broker, type KafkaRecord, placeOf, type TopicPartition } from '#engine/broker'
import { KappaError } from '#engine/errors'

/** Half-second reads without a record after which a log that should have one is given up. */
const PATIENCE = 60

/**
 * Gives `take` every committed record of a partition, from its beginning to its end as it is now; the end.
 * @param ends `settled`: transactions under way are waited for, so that every commit acknowledged before the call counts
 * Throws retriable SERVICE_UNAVAILABLE where the records do not come.
 */
export async function readAll(
  broker: Broker,
  at: TopicPartition,
  take: (record: KafkaRecord) => void,
  ends: 'committed' | 'settled' = 'committed',
): Promise<number> {
  const { admin } = broker
  const [beginnings, atEnds] = await Promise.all([
    admin.beginnings(at.topic),
    ends === 'settled' ? admin.settledEnds(at.topic) : admin.committedEnds(at.topic),
  ])
  const beginning = beginnings[at.partition] ?? 0
  const end = atEnds[at.partition] ?? 0
  await readRange(broker, at, beginning, end, take)
  return end
}

/** Bytes after which a reader of a long log gives way, so that other tasks of the process go on meanwhile. */
const TURN_BYTES = 256_000

/**
 * Gives `take` every committed record of `[beginning, end)`, giving way to others in between. `onProgress` is told the
 * next offset after each batch. Throws retriable SERVICE_UNAVAILABLE where the records do not come.
 */
export async function readRange(
  broker: Broker,
  at: TopicPartition,
  beginning: number,
  end: number,
  take: (record: KafkaRecord) => void,
  onProgress?: (next: number) => void,
): Promise<void> {
  if (beginning >= end) return
  const reader = await broker.reader()
  try {
    await reader.assign([{ ...at, offset: beginning }])
    for (let silent = 0; (reader.position(at) ?? beginning) < end; ) {
      const records = await reader.read(5_000, 500)
      silent = records.length === 0 ? silent + 1 : 0
      if (silent > PATIENCE)
        throw new KappaError('SERVICE_UNAVAILABLE', `reading ${placeOf(at)} to ${end}`, { retriable: true })
      let bytes = 0
      for (const record of records) {
        if (record.offset < end) take(record)
        bytes += record.value?.length ?? 0
        if (bytes < TURN_BYTES) continue
        bytes = 0
        onProgress?.(record.offset + 1)
        await new Promise(setImmediate)
      }
    }
  } finally {
    await reader.close()
  }
}
