import type { Broker } from '#engine/broker'
import { type CutLog, doneUpTo } from '#engine/delivery'
import type { AnyTopic } from '#engine/schema'

/** How many records are not in each sink yet, in words; empty where all are. */
export async function openOf(broker: Broker, topics: readonly AnyTopic[], logs: readonly CutLog[]): Promise<string> {
  const open: string[] = []
  for (const { name } of topics) {
    const ends = await broker.admin.committedEnds(name)
    for (const log of logs) {
      const lanes = (await log.all()).filter(({ state, cut }) => state !== 'moved' && cut.topic === name)
      const done: Record<number, number> = Object.assign({}, ...lanes.map(doneUpTo))
      for (const [partition, end] of ends.entries())
        if ((done[partition] ?? 0) < end)
          open.push(`${log.sink} ${name}[${partition}] ${done[partition] ?? 0} of ${end}`)
    }
  }
  return open.join(', ')
}

/**
 * Kafka deletes what S3 has for certain and ClickHouse has at least decided about: only the archive has it then.
 * @param logs ClickHouse's and S3's
 */
export async function forget(broker: Broker, topics: readonly AnyTopic[], logs: readonly CutLog[]): Promise<void> {
  const states = await Promise.all(logs.map((log) => log.all()))
  for (const { name } of topics) {
    const [decided = [], archived = []] = states.map((records) =>
      records.filter(({ cut, state }) => cut.topic === name && state !== 'moved'),
    )
    const ends: Record<number, number> = Object.assign({}, ...decided.map(({ positions }) => positions))
    const kept: Record<number, number> = Object.assign({}, ...archived.map(doneUpTo))
    const before = Object.entries(ends).map(([partition, end]) => ({
      topic: name,
      partition: Number(partition),
      offset: Math.min(end, kept[Number(partition)] ?? 0),
    }))
    if (before.length > 0) await broker.admin.truncate(before)
  }
}
