import type { Broker, KafkaRecord, Position } from './contract.ts'

/** Where a tail begins: everything, only what comes, or the last so many records of each partition. */
export type TailFrom = 'beginning' | 'end' | { readonly last: number }

/**
 * Committed records of a topic as they come, until `signal` aborts. Partitions are read side by side, each in offset order.
 * Throws BROKER where there is no such topic.
 */
export async function* tail(
  broker: Broker,
  topic: string,
  options: { readonly from: TailFrom; readonly partition?: number; readonly signal: AbortSignal },
): AsyncGenerator<KafkaRecord> {
  const [beginnings, ends] = await Promise.all([broker.admin.beginnings(topic), broker.admin.committedEnds(topic)])
  const positions: Position[] = ends
    .map((end, partition) => ({ topic, partition, offset: startOf(options.from, beginnings[partition] ?? 0, end) }))
    .filter((at) => options.partition === undefined || at.partition === options.partition)
  const reader = await broker.reader()
  try {
    await reader.assign(positions)
    while (!options.signal.aborted) yield* await reader.read(500, 250)
  } finally {
    await reader.close()
  }
}

function startOf(from: TailFrom, beginning: number, end: number): number {
  if (from === 'beginning') return beginning
  if (from === 'end') return end
  return Math.max(beginning, end - from.last)
}
