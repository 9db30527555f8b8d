import type { Broker, KafkaRecord } from '#engine/broker'

const READ_ROWS = 5_000
const READ_WAIT_MS = 200

/** Every record of a topic from the first offsets up to the ends (exclusive), read-committed, batch by batch. */
export async function* recordsBetween(
  broker: Broker,
  topic: string,
  from: ReadonlyMap<number, number>,
  until: ReadonlyMap<number, number>,
): AsyncGenerator<readonly KafkaRecord[]> {
  const open = new Map([...until].filter(([partition, end]) => end > (from.get(partition) ?? 0)))
  const reader = await broker.reader()
  try {
    await reader.assign([...open.keys()].map((partition) => ({ topic, partition, offset: from.get(partition) ?? 0 })))
    while (open.size > 0) {
      const records = await reader.read(READ_ROWS, READ_WAIT_MS)
      const inside = records.filter(({ partition, offset }) => offset < (until.get(partition) ?? 0))
      if (inside.length > 0) yield inside
      const whole = [...open].filter(([partition, end]) => (reader.position({ topic, partition }) ?? 0) >= end)
      for (const [partition] of whole) open.delete(partition)
      if (whole.length > 0) await reader.unassign(whole.map(([partition]) => ({ topic, partition })))
    }
  } finally {
    await reader.close()
  }
}
