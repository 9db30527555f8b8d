import type { OutgoingRecord } from '#engine/broker'
import { KappaError, reasonOf } from '#engine/errors'
import { type KeyVault, sealedFields, sealer } from '#engine/governance'
import { type AnyTopic, type Registry, rulesOf } from '#engine/schema'
import { inputDeadLetter } from './dead-letter.ts'
import { isBroken, ORIGIN_HEADER, type SourceRow } from './row.ts'

/** What became of a batch's rows of one topic. */
export interface Tally {
  /** Rows that became events. */
  written: number
  deadLettered: number
  /** Largest event time among the events, milliseconds; null where there is none. */
  throughTime: number | null
}

export interface Outgoing {
  readonly records: readonly OutgoingRecord[]
  /** By topic name. */
  readonly tallies: ReadonlyMap<string, Tally>
}

/** Turns source rows into records: the one way in which data of ours enters Kafka. */
export interface Encoding {
  /**
   * Per topic in the order of the rows: rules judged, personal fields sealed, encoded and framed, keyed. A row that
   * breaks a rule or does not fit its schema becomes a dead letter; none is left out.
   * Throws retriable SERVICE_UNAVAILABLE while the vault is away.
   */
  encode(rows: readonly SourceRow[]): Promise<Outgoing>
}

/** Looks up the schema ids of all topics. Throws CONFIG_INVALID where one has sealed fields and no vault is given. */
export async function openEncoding(
  topics: readonly AnyTopic[],
  registry: Registry,
  vault?: KeyVault,
): Promise<Encoding> {
  const encoders = new Map<string, TopicEncoder>()
  for (const topic of topics) encoders.set(topic.name, topicEncoder(topic, await registry.idOf(topic), vault))
  return {
    async encode(rows) {
      const byTopic = new Map<AnyTopic, SourceRow[]>()
      for (const one of rows) {
        const own = byTopic.get(one.topic)
        if (own) own.push(one)
        else byTopic.set(one.topic, [one])
      }
      const records: OutgoingRecord[] = []
      const tallies = new Map<string, Tally>()
      for (const [topic, own] of byTopic) {
        const encoder = encoders.get(topic.name)
        if (!encoder) throw new KappaError('STATE_MISMATCH', `encoding ${topic.name}: it was not announced`)
        tallies.set(topic.name, await encoder(own, records))
      }
      return { records, tallies }
    },
  }
}

type TopicEncoder = (rows: readonly SourceRow[], records: OutgoingRecord[]) => Promise<Tally>

function topicEncoder(topic: AnyTopic, schemaId: number, vault: KeyVault | undefined): TopicEncoder {
  const judge = rulesOf(topic)
  const time = topic.contract.topic.time
  const seal = sealing(topic, vault)

  return async (rows, records) => {
    const tally: Tally = { written: 0, deadLettered: 0, throughTime: null }
    // Rules are judged on plaintext; what is written, dead letters too, is sealed.
    const reasons = rows.map((one) => (isBroken(one) ? one.reason : reasonAgainst(judge, one.value)))
    const sealed = await seal(rows.map((one) => (isBroken(one) ? one.found : one.value)))
    for (let i = 0; i < rows.length; i++) {
      const { place } = rows[i] as SourceRow
      let reason = reasons[i]
      if (reason === undefined) {
        try {
          const value = topic.frame(schemaId, sealed[i])
          const headers = place.origin === undefined ? undefined : { [ORIGIN_HEADER]: Buffer.from(place.origin) }
          const key = Buffer.from(topic.keyOf(sealed[i]))
          records.push({ topic: topic.name, key, value, ...(headers === undefined ? {} : { headers }) })
          tally.written++
          tally.throughTime = Math.max(tally.throughTime ?? Number.NEGATIVE_INFINITY, eventTime(sealed[i], time))
          continue
        } catch (thrown) {
          if (!(thrown instanceof KappaError) || thrown.code !== 'DECODE_FAILED') throw thrown
          reason = reasonOf(thrown)
        }
      }
      records.push(inputDeadLetter(topic, sealed[i], reason, place))
      tally.deadLettered++
    }
    return tally
  }
}

const eventTime = (value: unknown, field: string): number =>
  (value as Readonly<Record<string, number>>)[field] as number

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const reasonAgainst = (judge: (value: object) => string | undefined, value: unknown): string | undefined =>
  isObject(value) ? judge(value) : 'the row is no record'

type Sealing = (values: readonly unknown[]) => Promise<readonly unknown[]>

function sealing(topic: AnyTopic, vault: KeyVault | undefined): Sealing {
  if (sealedFields(topic.contract).length === 0) return async (values) => values
  if (!vault)
    throw new KappaError(
      'CONFIG_INVALID',
      `publishing ${topic.name}: it has personal fields, and there is no key vault`,
    )
  const seal = sealer(topic, vault)
  // What is no record has no fields to seal; `inputDeadLetter` withholds it.
  return async (values) => {
    const sealed = await seal(values.map((value) => (isObject(value) ? value : {})))
    return values.map((value, i) => (isObject(value) ? sealed[i] : value))
  }
}
