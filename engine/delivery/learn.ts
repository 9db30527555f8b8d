import { type KafkaRecord, RawRecord } from '#engine/broker'
import { KappaError } from '#engine/errors'
import type { Decoder } from '#engine/schema'

/** Schema id of a framed value; undefined where there is no value, or one without framing. */
export function schemaIdOf(record: KafkaRecord): number | undefined {
  raw.show(record)
  const { schemaId } = raw
  return schemaId < 0 ? undefined : schemaId
}

const raw = new RawRecord()

/**
 * Learns the writer schemas of records that the decoder does not know. An id that cannot be read as the topic's is known
 * from then on, and `decode` throws why for each of its records. Throws only where the registry is away.
 */
export const learnSchemas = (decoder: Decoder<unknown>, records: readonly KafkaRecord[]): Promise<void> =>
  learnIds(decoder, schemaIdsOf(records))

/** Every schema id that records were written with. */
export function schemaIdsOf(records: readonly KafkaRecord[]): readonly number[] {
  const ids = new Set<number>()
  let last = -1
  for (const record of records) {
    raw.show(record)
    const { schemaId } = raw
    if (schemaId !== last && schemaId >= 0) ids.add(schemaId)
    last = schemaId
  }
  return [...ids]
}

/** `learnSchemas` of records whose schema ids are known. */
export async function learnIds(decoder: Decoder<unknown>, schemaIds: readonly number[]): Promise<void> {
  for (const id of schemaIds) {
    if (decoder.knows(id)) continue
    try {
      await decoder.learn(id)
    } catch (thrown) {
      if (!(thrown instanceof KappaError) || thrown.retriable || thrown.code === 'SERVICE_UNAVAILABLE') throw thrown
    }
  }
}
