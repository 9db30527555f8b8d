import { type Broker, headerOf, type KafkaRecord } from '#engine/broker'
import { recordsBetween } from '#engine/delivery'
import { ORIGIN_HEADER } from '#engine/ingest'
import { type Origin, originOf } from './origin.ts'

/**
 * Gives `take` every committed record of a topic with where it came from, partition by partition in the order of offsets;
 * `undefined` for records of no source. Transactions under way at the call are waited for.
 * @param since offsets by partition before which nothing of interest lies; `enough` from `take` ends the reading
 */
export async function readArrivals(
  broker: Broker,
  topic: string,
  since: readonly number[],
  take: (record: KafkaRecord, origin: Origin | undefined) => unknown,
): Promise<void> {
  const [beginnings, ends] = await Promise.all([broker.admin.beginnings(topic), broker.admin.settledEnds(topic)])
  const from = new Map(beginnings.map((offset, partition) => [partition, Math.max(offset, since[partition] ?? 0)]))
  const until = new Map(ends.map((offset, partition) => [partition, offset]))
  for await (const records of recordsBetween(broker, topic, from, until))
    for (const record of records) {
      const text = headerOf(record.headers, ORIGIN_HEADER)
      if (take(record, text === undefined ? undefined : originOf(String(text))) === 'enough') return
    }
}

/** Lines of units that were seen: a bit each. */
export class SeenLines {
  private readonly units = new Map<string, { bits: Uint8Array; count: number }>()

  /** False where the line was seen before. */
  add(unit: string, line: number): boolean {
    let seen = this.units.get(unit)
    if (seen === undefined) {
      seen = { bits: new Uint8Array(64), count: 0 }
      this.units.set(unit, seen)
    }
    const [at, bit] = [line >>> 3, 1 << (line & 7)]
    if (at >= seen.bits.length) {
      const larger = new Uint8Array(Math.max(at + 1, seen.bits.length * 2))
      larger.set(seen.bits)
      seen.bits = larger
    }
    if (((seen.bits[at] ?? 0) & bit) !== 0) return false
    seen.bits[at] = (seen.bits[at] ?? 0) | bit
    seen.count++
    return true
  }

  /** Lines seen of a unit. */
  of(unit: string): number {
    return this.units.get(unit)?.count ?? 0
  }
}
