import type { KafkaRecord } from '#engine/broker'

/** An input of a slice while it is merged. */
export interface Head {
  readonly input: number
  readonly table: boolean
  readonly topic: string
  readonly records: readonly KafkaRecord[]
  /** Index of the head. */
  at: number
  /** Event time of the head; -Infinity where it has none: bad data is taken at once. */
  time: number
}

/** Heads by (event time, tables first, topic, partition): offset order is kept within an input. */
function before(a: Head, b: Head): boolean {
  if (a.time !== b.time) return a.time < b.time
  if (a.table !== b.table) return a.table
  if (a.topic !== b.topic) return a.topic < b.topic
  return a.input < b.input
}

/**
 * Takes the heads of several inputs in order until all are empty, or one is that `mayGrow`: it could still deliver an
 * earlier record.
 */
export function merged(
  heads: readonly Head[],
  mayGrow: readonly boolean[],
  timeOf: (head: Head) => number,
  take: (head: Head) => void,
): void {
  for (const head of heads) if (head.at < head.records.length) head.time = timeOf(head)
  for (;;) {
    let least: Head | undefined
    for (let n = 0; n < heads.length; n++) {
      const head = heads[n] as Head
      if (head.at >= head.records.length) {
        if (mayGrow[head.input]) return
      } else if (least === undefined || before(head, least)) least = head
    }
    if (least === undefined) return
    take(least)
    least.at++
    if (least.at < least.records.length) least.time = timeOf(least)
  }
}
