import { type Broker, type KafkaRecord, placeOf, type TopicPartition } from '#engine/broker'
import { KappaError } from '#engine/errors'

/** Half-second reads without a record after which a log that should have one is given up. */
const PATIENCE = 60

/**
 * Gives `take` every record of a partition that was committed before the call, from its beginning on; the end.
 * Throws retriable SERVICE_UNAVAILABLE where the records do not come.
 */
export async function readAll(
  broker: Broker,
  at: TopicPartition,
  take: (record: KafkaRecord) => void,
): Promise<number> {
  const [beginnings, ends] = await Promise.all([broker.admin.beginnings(at.topic), broker.admin.settledEnds(at.topic)])
  const beginning = beginnings[at.partition] ?? 0
  const end = ends[at.partition] ?? 0
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
