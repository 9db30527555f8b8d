import { type AnyTopic, retentionMs } from '#engine/schema'
import type { LaneRecord } from './lane-record.ts'

/**
 * Why a lane's undone cut is an alarm: it is older than half of what the topic is kept for, so that Kafka may delete its
 * records before they are in the store. Undefined where it is not, or nothing is undone, or nothing is ever deleted.
 * @param now milliseconds
 */
export function overdueOf({ state, cut }: LaneRecord, { contract }: AnyTopic, now: number): string | undefined {
  const kept = retentionMs(contract.topic.retention)
  if (state !== 'decided' || kept < 0 || now - cut.decidedAt <= kept / 2) return undefined
  const { number, topic, lane, sink, count, decidedAt } = cut
  return `cut ${number} of ${topic} lane ${lane}: ${count} records, decided ${iso(decidedAt)}, are not in ${sink} yet; Kafka may delete them from ${iso(decidedAt + kept)} on`
}

const iso = (at: number): string => new Date(at).toISOString()
