import type { KafkaRecord } from '#engine/broker'
import { KappaError } from '#engine/errors'
import type { Decoder } from '#engine/schema'

/** Schema id of a framed value; undefined where there is no value, or one without framing. */
export const schemaIdOf = ({ value }: KafkaRecord): number | undefined =>
  value === null || value.length < 5 || value[0] !== 0 ? undefined : value.readUInt32BE(1)

/**
 * Learns the writer schemas of records that the decoder does not know. An id that cannot be read as the topic's is known
 * from then on, and `decode` throws why for each of its records. Throws only where the registry is away.
 */
export async function learnSchemas(decoder: Decoder<unknown>, records: readonly KafkaRecord[]): Promise<void> {
  let last: number | undefined
  for (const record of records) {
    const id = schemaIdOf(record)
    if (id === undefined || id === last) continue
    last = id
    if (decoder.knows(id)) continue
    try {
      await decoder.learn(id)
    } catch (thrown) {
      if (!(thrown instanceof KappaError) || thrown.retriable || thrown.code === 'SERVICE_UNAVAILABLE') throw thrown
    }
  }
}
