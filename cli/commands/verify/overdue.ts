import { overdueOf } from '#engine/delivery'
import type { AnyTopic } from '#engine/schema'
import { systemClock } from '#engine/time'
import { sinkNames } from '../../../sinks/index.ts'
import type { Finding } from './compare.ts'
import type { Stores } from './stores.ts'

/**
 * Cuts that were decided long ago and never marked done: every other comparison leaves out what is undone, and where no sink
 * runs nobody else tells of it.
 */
export async function overdueCuts(
  topics: readonly AnyTopic[],
  { logs }: Pick<Stores, 'logs'>,
): Promise<readonly Finding[]> {
  const byName = new Map(topics.map((topic) => [topic.name, topic]))
  const findings: Finding[] = []
  for (const sink of sinkNames)
    for (const record of await logs[sink].all()) {
      const { cut } = record
      const topic = byName.get(cut.topic)
      const reason = topic && overdueOf(record, topic, systemClock.now())
      if (reason === undefined) continue
      const about = { topic: cut.topic, store: sink, generation: cut.generation, refused: 0 }
      const expected = { rows: cut.count, hashSum: cut.hashSum }
      const note = `${reason} (kappa sink status ${sink})`
      findings.push({ ...about, expected, found: { rows: 0, hashSum: '0' }, equal: false, note })
    }
  return findings
}
