import type { KafkaRecord } from '#engine/broker'
import { learnSchemas, recordsBetween } from '#engine/delivery'
import { KappaError } from '#engine/errors'
import type { Topic } from '#engine/schema'
import type { Platform } from '../../platform.ts'

export interface Range {
  /** Event time, milliseconds, included; null: from the first. */
  readonly from: number | null
  /** Not included; null: to the last. */
  readonly to: number | null
}

export interface Read {
  /** Events of the range. */
  readonly events: number
  /** Records that are no event of the topic: left out. */
  readonly undecodable: number
  /** Event time of the latest event of the range; undefined where there is none. */
  readonly latest: number | undefined
}

/**
 * Hands over every event of a topic in a range of event time, up to where the topic ends now, partition by partition in no
 * other order. Throws INTERRUPTED after the signal, CONFIG_INVALID where there is no such topic.
 */
export async function eventsOf<V, F extends keyof V & string>(
  { broker, registry }: Pick<Platform, 'broker' | 'registry'>,
  topic: Topic<V>,
  fields: readonly F[],
  range: Range,
  options: {
    readonly take: (event: Pick<V, F>) => void
    readonly signal: AbortSignal
    /** Offsets passed, of how many. */
    readonly onProgress: (done: number, total: number) => void
  },
): Promise<Read> {
  const { name, contract } = topic
  if (!(await broker.admin.topics()).has(name))
    throw new KappaError('CONFIG_INVALID', `reading ${name}: not in Kafka yet (kappa import retail)`)
  const [beginnings, ends] = await Promise.all([broker.admin.beginnings(name), broker.admin.settledEnds(name)])
  const total = ends.reduce((sum, end, partition) => sum + end - (beginnings[partition] ?? 0), 0)
  const time = contract.topic.time as F
  const decoder = registry.decoder(topic, [...new Set([...fields, time])])
  let [done, events, undecodable] = [0, 0, 0]
  let latest: number | undefined
  const takeOne = ({ value }: KafkaRecord): void => {
    if (value === null) return
    let event: V
    try {
      event = decoder.decode(value)
    } catch {
      undecodable += 1
      return
    }
    const at = Number(event[time])
    if ((range.from !== null && at < range.from) || (range.to !== null && at >= range.to)) return
    events += 1
    latest = Math.max(latest ?? at, at)
    options.take(event)
  }
  for await (const records of recordsBetween(broker, name, offsets(beginnings), offsets(ends))) {
    if (options.signal.aborted) throw stopped(`reading ${name}`)
    await learnSchemas(decoder, records)
    for (const record of records) takeOne(record)
    done += records.length
    options.onProgress(done, total)
  }
  return { events, undecodable, latest }
}

const offsets = (all: readonly number[]): ReadonlyMap<number, number> => new Map(all.entries())

export const stopped = (doing: string): KappaError =>
  new KappaError('INTERRUPTED', `${doing}: stopped; nothing was published, the same command begins again`)
