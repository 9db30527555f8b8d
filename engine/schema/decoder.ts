import { KappaError, reasonOf } from '#engine/errors'
import { type RecordType, type Resolver, recordType } from './avro.ts'
import type { Decoder, Topic } from './contract.ts'
import { asBuffer, FRAME_BYTES } from './topic.ts'

/** The writer's type by schema id. Throws where the registry has none, or (SERVICE_UNAVAILABLE) does not tell. */
export type WriterById = (schemaId: number) => Promise<RecordType<unknown>>

/** What is known of one writer schema: how to read it, or why it cannot be read. */
type Learnt = { readonly resolver: Resolver } | { readonly refused: KappaError }

/**
 * A decoder of a topic's framed values through Avro's schema resolution (specification 1.12, "Schema Resolution"): fields
 * that a writer did not have take their default, fields not asked for are skipped in the bytes.
 *
 * An id that the registry does not have, or whose schema cannot be read as the topic's, counts as known once `learn`
 * said so: `learn` threw DECODE_FAILED, and `decode` throws the same for each value written with it.
 */
export function decoderOf<V>(topic: Topic<V>, writerById: WriterById, fields?: readonly string[]): Decoder<V> {
  const reader = recordType<V>(topic.contract.avro, fields)
  const learnt = new Map<number, Learnt>()
  const learning = new Map<number, Promise<void>>()
  let lastId = -1
  let lastResolver: Resolver | undefined

  const idOf = (framed: Uint8Array): number => {
    if (framed.length < FRAME_BYTES || framed[0] !== 0)
      throw new KappaError('DECODE_FAILED', `decoding ${topic.name}: not framed (magic byte 0, then a schema id)`)
    return asBuffer(framed).readUInt32BE(1)
  }

  const learn = async (schemaId: number): Promise<void> => {
    try {
      learnt.set(schemaId, { resolver: reader.createResolver(await writerById(schemaId)) })
    } catch (thrown) {
      if (thrown instanceof KappaError && thrown.code === 'SERVICE_UNAVAILABLE') throw thrown
      const doing = `reading schema ${schemaId} as ${topic.name}: ${reasonOf(thrown)}`
      const refused = new KappaError('DECODE_FAILED', doing)
      learnt.set(schemaId, { refused })
      throw refused
    }
  }

  const switchTo = (schemaId: number): void => {
    const known = learnt.get(schemaId)
    if (known === undefined)
      throw new KappaError('STATE_MISMATCH', `decoding ${topic.name}: schema ${schemaId} was never learnt`)
    if ('refused' in known) throw known.refused
    lastResolver = known.resolver
    lastId = schemaId
  }

  return {
    idOf,
    knows: (schemaId) => learnt.has(schemaId),
    learn: (schemaId) => {
      const known = learnt.get(schemaId)
      if (known) return 'refused' in known ? Promise.reject(known.refused) : Promise.resolve()
      const running = learning.get(schemaId) ?? learn(schemaId).finally(() => learning.delete(schemaId))
      learning.set(schemaId, running)
      return running
    },
    decode: (framed) => {
      const buffer = asBuffer(framed)
      const schemaId = idOf(buffer)
      if (schemaId !== lastId) switchTo(schemaId)
      let end: number
      let decoded: V
      try {
        const { value, offset } = reader.decode(buffer, FRAME_BYTES, lastResolver)
        decoded = value
        end = offset
      } catch (cause) {
        throw new KappaError('DECODE_FAILED', `decoding ${topic.name} with schema ${schemaId}`, { cause })
      }
      if (end === buffer.length) return decoded
      const what = end < 0 ? 'the value is truncated' : `${buffer.length - end} bytes follow the value`
      throw new KappaError('DECODE_FAILED', `decoding ${topic.name} with schema ${schemaId}: ${what}`)
    },
  }
}
