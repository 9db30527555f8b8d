import type { Broker } from '#engine/broker'
import type { Clock } from '#engine/time'

type Offsets = (topic: string) => Promise<readonly number[]>

/** Read-committed ends of topics, asked at most once in `maxAgeMs`, however many tasks want to know. */
export const cachedEnds = (broker: Broker, clock: Clock, maxAgeMs: number): Offsets =>
  cached((topic) => broker.admin.committedEnds(topic), clock, maxAgeMs)

/** Positions of a group, likewise; where it has none, or where the log begins later, the log's beginning. */
export function cachedPositions(broker: Broker, clock: Clock, maxAgeMs: number, group: string): Offsets {
  const ask: Offsets = async (topic) => {
    const [beginnings, positions] = await Promise.all([
      broker.admin.beginnings(topic),
      broker.admin.groupPositions(group, topic),
    ])
    return beginnings.map((beginning, partition) => Math.max(beginning, positions[partition] ?? beginning))
  }
  return cached(ask, clock, maxAgeMs)
}

function cached(ask: Offsets, clock: Clock, maxAgeMs: number): Offsets {
  const known = new Map<string, { readonly at: number; readonly offsets: Promise<readonly number[]> }>()
  return (topic) => {
    const found = known.get(topic)
    if (found && clock.now() - found.at < maxAgeMs) return found.offsets
    const offsets = ask(topic)
    known.set(topic, { at: clock.now(), offsets })
    offsets.catch(() => known.delete(topic))
    return offsets
  }
}
