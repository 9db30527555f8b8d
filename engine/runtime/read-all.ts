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
  if (beginning >= end) return end
  const reader = await broker.reader()
  try {
    await reader.assign([{ ...at, offset: beginning }])
    for (let silent = 0; (reader.position(at) ?? beginning) < end; ) {
      const records = await reader.read(5_000, 500)
      silent = records.length === 0 ? silent + 1 : 0
      if (silent > PATIENCE)
        throw new KappaError('SERVICE_UNAVAILABLE', `reading ${placeOf(at)} to ${end}`, { retriable: true })
      for (const record of records) if (record.offset < end) take(record)
    }
  } finally {
    await reader.close()
  }
  return end
}
