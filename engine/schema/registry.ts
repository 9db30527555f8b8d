import { COMPATIBILITY, SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry'
import { KappaError, reasonOf } from '#engine/errors'
import { type Clock, systemClock } from '#engine/time'
import { avroOptions, type RecordType } from './avro.ts'
import { incompatibility } from './compatibility.ts'
import type { AnyTopic, Contract, Registry } from './contract.ts'
import { decoderOf } from './decoder.ts'
import { parseContract } from './parse.ts'
import { type Call, messageOf, registryCalls } from './registry-http.ts'

export interface RegistryOptions {
  /** Root of the Confluent-compatible API, without trailing slash. */
  readonly url: string
  /** How long a registry that does not answer is waited for. Default 60 seconds. */
  readonly waitMs?: number
  /** Told once per wait, so that a person sees what is waited for. */
  readonly onWaiting?: (message: string) => void
  readonly clock?: Clock
}

const PAUSE_MS = 500

/** The subject of a topic's values (Confluent's TopicNameStrategy). */
export const subjectOf = (topic: AnyTopic): string => `${topic.name}-value`

/** A client of a Confluent-compatible registry. Every call waits `waitMs` for one that is away; then SERVICE_UNAVAILABLE, retriable. */
export function connectRegistry(options: RegistryOptions): Registry {
  const { url, waitMs = 60_000, onWaiting, clock = systemClock } = options
  const call = registryCalls(url)
  const library = new SchemaRegistry({ host: url, retry: { retries: 0 } }, { [SchemaType.AVRO]: avroOptions })
  const ids = new Map<string, number>()

  const patiently = async <T>(work: () => Promise<T>): Promise<T> => {
    const deadline = clock.now() + waitMs
    for (let told = false; ; told = true) {
      try {
        return await work()
      } catch (thrown) {
        const away = await unavailability(thrown, call)
        if (away === undefined) throw refusalOf(thrown)
        if (clock.now() >= deadline) throw away
        if (!told) onWaiting?.(`waiting for the schema registry at ${url}`)
        await clock.sleep(PAUSE_MS)
      }
    }
  }

  const reasonAgainst = async (topic: AnyTopic): Promise<string | undefined> => {
    const earlier = await contractsOf(call, topic)
    if (earlier.some((one) => one.avro === topic.contract.avro)) return undefined
    const ours = incompatibility(topic.contract, earlier)
    if (ours !== undefined) return ours
    const path = `/compatibility/subjects/${encodeURIComponent(subjectOf(topic))}/versions/latest?verbose=true`
    const answer = await call('POST', path, { schema: topic.contract.avro })
    if (answer.status === 404) return undefined
    const { is_compatible: compatible } = (answer.body ?? {}) as { is_compatible?: unknown }
    return answer.status === 200 && compatible === true ? undefined : messageOf(answer)
  }

  const register = async (topic: AnyTopic): Promise<number> => {
    const doing = `registering ${subjectOf(topic)}`
    const reason = await reasonAgainst(topic)
    if (reason !== undefined) throw new KappaError('SCHEMA_INCOMPATIBLE', `${doing}: ${reason}`)
    const level = await call('PUT', `/config/${encodeURIComponent(subjectOf(topic))}`, {
      compatibility: 'BACKWARD_TRANSITIVE',
    })
    if (level.status >= 400 && level.status !== 404)
      throw new KappaError('SCHEMA_INVALID', `${doing}: setting its compatibility: ${messageOf(level)}`)
    const { id } = await library
      .register(
        { type: SchemaType.AVRO, schema: topic.contract.avro },
        { subject: subjectOf(topic), compatibility: COMPATIBILITY.BACKWARD_TRANSITIVE },
      )
      .catch((thrown: unknown) => {
        if (statusOf(thrown) === 409) throw new KappaError('SCHEMA_INCOMPATIBLE', `${doing}: ${reasonOf(thrown)}`)
        throw thrown
      })
    ids.set(topic.contract.avro, id)
    return id
  }

  const idOf = async (topic: AnyTopic): Promise<number> => {
    const known = ids.get(topic.contract.avro)
    if (known !== undefined) return known
    const doing = `looking up the schema id of ${topic.name}`
    const id = await library
      .getRegistryIdBySchema(subjectOf(topic), { type: SchemaType.AVRO, schema: topic.contract.avro })
      .catch((thrown: unknown) => {
        throw isLibraryAnswer(thrown)
          ? new KappaError('STATE_MISMATCH', `${doing}: it is not registered (kappa schemas register)`)
          : thrown
      })
    ids.set(topic.contract.avro, id)
    return id
  }

  const writerById = (schemaId: number): Promise<RecordType<unknown>> =>
    patiently(async () => {
      const type = await library.getSchema(schemaId).catch((thrown: unknown) => {
        const gone = statusOf(thrown) === 404
        throw gone ? new KappaError('DECODE_FAILED', `the registry has no schema ${schemaId}`) : thrown
      })
      return type as unknown as RecordType<unknown>
    })

  return {
    register: (topic) => patiently(() => register(topic)),
    check: (topic) => patiently(() => reasonAgainst(topic)),
    idOf: (topic) => patiently(() => idOf(topic)),
    contractOf: (schemaId) => patiently(() => contractWith(call, schemaId)),
    decoder: (topic, fields) => decoderOf(topic, writerById, fields),
    close: async () => ids.clear(),
  }
}

async function contractWith(call: Call, schemaId: number): Promise<Contract | undefined> {
  const { body } = await call('GET', `/schemas/ids/${schemaId}`)
  return contractIn(body)
}

/** Undefined where an answer holds a schema that other tools made. */
function contractIn(body: unknown): Contract | undefined {
  try {
    return parseContract(JSON.parse(String((body as { schema?: unknown }).schema)))
  } catch {
    return undefined
  }
}

/** The contracts registered for a topic, oldest first; schemas that other tools put there are not contracts and are left to the registry's own check. */
async function contractsOf(call: Call, topic: AnyTopic): Promise<readonly Contract[]> {
  const path = `/subjects/${encodeURIComponent(subjectOf(topic))}/versions`
  const versions = await call('GET', path)
  if (versions.status === 404) return []
  const numbers = Array.isArray(versions.body) ? versions.body.map(Number).sort((a, b) => a - b) : []
  const answers = await Promise.all(numbers.map((number) => call('GET', `${path}/${number}`)))
  return answers.flatMap(({ body }) => contractIn(body) ?? [])
}

const statusOf = (thrown: unknown): unknown => (thrown as { status?: unknown } | null)?.status

/** The library's way to say that the registry does not know the schema: an error that lost its status. */
const isLibraryAnswer = (thrown: unknown): boolean =>
  thrown instanceof Error && thrown.constructor.name === 'ConfluentSchemaRegistryError'

/** An answer that refuses the call itself (credentials, a proxy): not retriable, and never a verdict on a schema. */
const refusalOf = (thrown: unknown): unknown =>
  thrown instanceof KappaError || statusOf(thrown) === undefined
    ? thrown
    : new KappaError('SERVICE_UNAVAILABLE', 'asking the schema registry', { cause: thrown })

/**
 * The SERVICE_UNAVAILABLE behind an error, or undefined where the registry did answer. The library reports a refused
 * connection as status 400, so that its errors are no evidence: the registry is asked.
 */
async function unavailability(thrown: unknown, call: Call): Promise<KappaError | undefined> {
  if (thrown instanceof KappaError) return thrown.code === 'SERVICE_UNAVAILABLE' ? thrown : undefined
  if (Number(statusOf(thrown)) >= 500)
    return new KappaError('SERVICE_UNAVAILABLE', 'asking the schema registry', { cause: thrown, retriable: true })
  const away = await call('GET', '/subjects').then(
    () => undefined,
    (reason: unknown) => reason,
  )
  return away instanceof KappaError ? away : undefined
}
