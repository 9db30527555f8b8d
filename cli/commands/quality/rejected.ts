import type { Broker } from '#engine/broker'
import { inputDeadLetterTopic } from '#engine/ingest'
import { defaultSettings, patiently } from '#engine/runtime'
import { systemClock } from '#engine/time'
import { readArrivals } from '../../../producers/connectors/arrivals.ts'

/** Records of each topic that could not become events, as their dead letters stand in Kafka. */
export async function rejectedOf(broker: Broker, topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const there = await broker.admin.topics()
  const counts = new Map<string, number>()
  for (const topic of new Set(topics)) {
    const dead = inputDeadLetterTopic(topic)
    counts.set(topic, there.has(dead) ? await patiently(() => countOf(broker, dead), patience) : 0)
  }
  return counts
}

/** A topic that was made a moment ago has no leader yet. */
const patience = { clock: systemClock, patienceMs: defaultSettings.brokerPatienceMs }

async function countOf(broker: Broker, topic: string): Promise<number> {
  let count = 0
  await readArrivals(broker, topic, [], () => void count++)
  return count
}
