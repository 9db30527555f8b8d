import { KappaError, reasonOf } from '#engine/errors'
import type { Clock } from '#engine/time'
import { type Broker, type KafkaRecord, type Position, placeOf } from './contract.ts'

export interface FollowOptions {
  readonly broker: Broker
  readonly topics: readonly string[]
  readonly from: 'beginning' | 'end'
  /**
   * Takes committed records, each partition in its order. Where it throws a KappaError they come again; where it throws
   * anything else, following ends with that.
   */
  readonly take: (records: readonly KafkaRecord[]) => Promise<void> | void
  readonly signal: AbortSignal
  readonly clock: Clock
  /** Everything that was there at the start has been taken; called once. */
  readonly onCaughtUp?: () => void
  /** Something is away (with the reason), or back: told once each. */
  readonly onState?: (away: string | undefined) => void
}

const RETRY_MS = 2_000
const MOST = 2_000
const WAIT_MS = 250

/** Hands over the records of topics as they come, in one reader, through outages, until `signal` aborts. */
export async function follow(options: FollowOptions): Promise<void> {
  const { clock, signal, onState } = options
  const positions = new Map<string, Position>()
  const ends = new Map<string, number>()
  let away = false
  const answered = () => {
    if (away) onState?.(undefined)
    away = false
  }
  while (!signal.aborted) {
    try {
      if (positions.size === 0) await begin(options, positions, ends)
      await readOn(options, positions, ends, answered)
    } catch (thrown) {
      if (!(thrown instanceof KappaError)) throw thrown
      if (!away) onState?.(reasonOf(thrown))
      away = true
      await clock.sleep(RETRY_MS, signal)
    }
  }
}

async function begin(
  { broker, topics, from }: FollowOptions,
  positions: Map<string, Position>,
  ends: Map<string, number>,
): Promise<void> {
  const found = await Promise.all(
    topics.map(async (topic) => ({
      topic,
      beginnings: await broker.admin.beginnings(topic),
      ends: await broker.admin.committedEnds(topic),
    })),
  )
  for (const { topic, beginnings, ends: last } of found)
    for (const [partition, end] of last.entries()) {
      const place = placeOf({ topic, partition })
      positions.set(place, { topic, partition, offset: from === 'end' ? end : (beginnings[partition] ?? 0) })
      ends.set(place, end)
    }
}

async function readOn(
  { broker, take, signal, onCaughtUp }: FollowOptions,
  positions: Map<string, Position>,
  ends: Map<string, number>,
  answered: () => void,
): Promise<void> {
  const reader = await broker.reader()
  try {
    await reader.assign([...positions.values()])
    while (!signal.aborted) {
      const records = await reader.read(MOST, WAIT_MS)
      answered()
      if (records.length > 0) await take(records)
      for (const [place, at] of positions) positions.set(place, { ...at, offset: reader.position(at) ?? at.offset })
      if (ends.size === 0) continue
      for (const [place, end] of ends) if ((positions.get(place)?.offset ?? 0) >= end) ends.delete(place)
      if (ends.size === 0) onCaughtUp?.()
    }
  } finally {
    await reader.close()
  }
}
