import type { AnyTopic } from '#engine/schema'
import { type Batch, readEvent } from './batch.ts'
import { collectedTopics } from './kinds.ts'
import { type Fit, fitOf, instantOf } from './value.ts'

/** What of an event cannot be taken: shown to whoever sent it. */
export interface Rejection {
  /** Which of the batch, from 0. */
  readonly event: number
  readonly field: string
  readonly reason: string
}

/** A row as it waits on disk: JSON. */
export type SpooledRow =
  | { readonly topic: string; readonly line: number; readonly json: Json }
  | { readonly topic: string; readonly line: number; readonly found: unknown; readonly reason: string }

type Json = Readonly<Record<string, unknown>>

export interface Judged {
  readonly rows: readonly SpooledRow[]
  /** By which each row that fits is known again, in the order of `rows`; undefined for one that is broken. */
  readonly ids: readonly (string | undefined)[]
  readonly rejected: readonly Rejection[]
}

export interface Circumstances {
  /** Wall clock, milliseconds. */
  readonly receivedAt: number
  /** Address that the request came from. */
  readonly ip: string
  /** Code of the shop front, where the sender names none. */
  readonly country?: string
}

/** A clock that is wrong by less is believed. */
const SKEW_MS = 30_000
/** Events that are older, or later than now, are not taken: their time would move everybody's. */
const OLDEST_MS = 7 * 86_400_000
const LATEST_MS = 60_000

/** Stands for an address that is not kept: "this host on this network" (RFC 6890), which no visitor has. */
export const NO_ADDRESS = '0.0.0.0'

const fits = new Map<AnyTopic, (json: Json) => Fit>()

function fit(topic: AnyTopic, json: Json): Fit {
  let own = fits.get(topic)
  if (!own) {
    own = fitOf(topic)
    fits.set(topic, own)
  }
  return own(json)
}

/** The value of a spooled row; its contract may have changed since it was judged. */
export const spooledValue = (topic: AnyTopic, json: Json): Fit => fit(topic, json)

/**
 * Judges a batch event by event: each either fits its contract, or is broken, for the dead letters, with the field and the
 * reason. Without consent no personal field is kept, neither is the customer, and the visitor is known for one session only.
 */
export function judge(batch: Batch, about: Circumstances): Judged {
  const rows: SpooledRow[] = []
  const ids: (string | undefined)[] = []
  const rejected: Rejection[] = []
  const skew = skewOf(batch, about.receivedAt)
  const consent = batch.consent === true
  for (const [i, found] of batch.events.entries()) {
    const line = i + 1
    const read = readEvent(found)
    const topic = 'event' in read ? collectedTopics.get(read.event.type) : undefined
    if (topic === undefined || !('event' in read)) {
      const { field, reason } = 'event' in read ? unknownKind() : read
      rejected.push({ event: i, field, reason })
      rows.push(brokenRow(topicOfUnknown(), line, found, `${field} ${reason}`, consent))
      ids.push(undefined)
      continue
    }
    const { type, ...own } = read.event
    const json = completed(topic, { ...contextFor(topic, batch.context), ...own }, about, consent, skew)
    const outcome = fit(topic, json)
    const late = 'reason' in outcome ? outcome : untimely(topic, outcome.value, about.receivedAt)
    if (late !== undefined) {
      rejected.push({ event: i, field: late.field, reason: late.reason })
      rows.push(brokenRow(topic, line, json, `${late.field} ${late.reason}`, consent))
      ids.push(undefined)
      continue
    }
    rows.push({ topic: topic.name, line, json })
    ids.push(`${type}|${own.eventId}`)
  }
  return { rows, ids, rejected }
}

const unknownKind = () => ({ field: 'type', reason: `is none of ${[...collectedTopics.keys()].join(', ')}` })

function topicOfUnknown(): AnyTopic {
  const [first] = collectedTopics.values()
  if (first === undefined) throw new Error('nothing is collected')
  return first
}

/** How far the sender's clock is behind, milliseconds; negative where it is ahead. */
function skewOf({ sentAt }: Batch, receivedAt: number): number {
  const skew = sentAt === undefined ? 0 : receivedAt - sentAt
  return Math.abs(skew) < SKEW_MS ? 0 : skew
}

function contextFor({ contract }: AnyTopic, context: Json = {}): Json {
  const names = new Set(contract.fields.map(({ name }) => name))
  return Object.fromEntries(Object.entries(context).filter(([name]) => names.has(name)))
}

/** With what the server knows, and without what may not be kept. */
function completed(topic: AnyTopic, json: Json, about: Circumstances, consent: boolean, skew: number): Json {
  const { contract } = topic
  const has = (name: string): boolean => contract.fields.some((field) => field.name === name)
  const { time } = contract.topic
  const at = skew === 0 ? undefined : instantOf(json[time])
  const moved = at === undefined ? {} : { [time]: at + skew }
  const country = json.country === undefined && about.country !== undefined ? { country: about.country } : {}
  const complete = {
    ...json,
    ...moved,
    ...(has('country') ? country : {}),
    ...(has('ip') ? { ip: about.ip } : {}),
  }
  return consent ? complete : withoutPersonal(topic, complete)
}

function withoutPersonal({ contract }: AnyTopic, json: Json): Json {
  const kept: Record<string, unknown> = { ...json }
  for (const { name, pii, nullable } of contract.fields) {
    if (pii === undefined) continue
    if (nullable) kept[name] = null
    else if (name === 'ip') kept[name] = NO_ADDRESS
    else delete kept[name]
  }
  if ('customerId' in kept) kept.customerId = null
  // The session's id lives as long as the visit; what would name the browser over visits is not kept.
  if ('visitorId' in kept || 'sessionId' in kept)
    kept.visitorId = typeof kept.sessionId === 'string' ? `session-${kept.sessionId}` : undefined
  return kept
}

function untimely({ contract }: AnyTopic, value: object, now: number): { field: string; reason: string } | undefined {
  const field = contract.topic.time
  const at = (value as Json)[field] as number
  if (at > now + LATEST_MS) return { field, reason: 'is in the future' }
  return at < now - OLDEST_MS ? { field, reason: 'is more than seven days ago' } : undefined
}

function brokenRow(topic: AnyTopic, line: number, found: unknown, reason: string, consent: boolean): SpooledRow {
  const isObject = typeof found === 'object' && found !== null && !Array.isArray(found)
  const kept = isObject && !consent ? withoutPersonal(topic, found as Json) : found
  return { topic: topic.name, line, found: kept, reason }
}
