import { KappaError } from '#engine/errors'
import { type RecordType, recordType } from './avro.ts'
import { incompatibility } from './compatibility.ts'
import type { AnyTopic, Contract, Registry } from './contract.ts'
import { decoderOf } from './decoder.ts'

/**
 * A registry in memory, for tests: the same rules of compatibility, ids from 1, and a schema that several subjects
 * register has one id. A topic is judged against every version registered in this registry.
 */
export function memoryRegistry(): Registry {
  const schemas: string[] = []
  const versions = new Map<string, Contract[]>()

  const reasonAgainst = ({ name, contract }: AnyTopic): string | undefined => {
    const earlier = versions.get(name) ?? []
    return earlier.some((one) => one.avro === contract.avro) ? undefined : incompatibility(contract, earlier)
  }

  const register = async (topic: AnyTopic): Promise<number> => {
    const reason = reasonAgainst(topic)
    if (reason !== undefined) throw new KappaError('SCHEMA_INCOMPATIBLE', `registering ${topic.name}-value: ${reason}`)
    const own = versions.get(topic.name) ?? []
    const { avro } = topic.contract
    if (!own.some((one) => one.avro === avro)) versions.set(topic.name, [...own, topic.contract])
    if (!schemas.includes(avro)) schemas.push(avro)
    return schemas.indexOf(avro) + 1
  }

  const idOf = async ({ name, contract }: AnyTopic): Promise<number> => {
    if (!versions.get(name)?.some((one) => one.avro === contract.avro))
      throw new KappaError('STATE_MISMATCH', `looking up the schema id of ${name}: it is not registered`)
    return schemas.indexOf(contract.avro) + 1
  }

  const writerById = async (schemaId: number): Promise<RecordType<unknown>> => {
    const avro = schemas[schemaId - 1]
    if (avro === undefined) throw new KappaError('DECODE_FAILED', `the registry has no schema ${schemaId}`)
    return recordType(avro)
  }

  return {
    register,
    check: async (topic) => reasonAgainst(topic),
    idOf,
    contractOf: async (schemaId) => {
      const avro = schemas[schemaId - 1]
      return [...versions.values()].flat().find((contract) => contract.avro === avro)
    },
    decoder: (topic, fields) => decoderOf(topic, writerById, fields),
    close: async () => {},
  }
}
