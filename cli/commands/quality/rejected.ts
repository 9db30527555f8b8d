import type { Broker } from '#engine/broker'
import { inputDeadLetterTopic } from '#engine/ingest'
import { readArrivals } from '../../../producers/connectors/arrivals.ts'

/** Records of each topic that could not become events, as their dead letters stand in Kafka. */
export async function rejectedOf(broker: Broker, topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const there = await broker.admin.topics()
  const counts = new Map<string, number>()
  for (const topic of new Set(topics)) {
    let count = 0
    const dead = inputDeadLetterTopic(topic)
    if (there.has(dead)) await readArrivals(broker, dead, [], () => void count++)
    counts.set(topic, count)
  }
  return counts
}
