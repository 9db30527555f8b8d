import type { KafkaRecord } from '#engine/broker'

/** The event being taken: one object a task, filled anew for each record. */
export interface At {
  record: KafkaRecord
  /** Event time. */
  time: number
  /** Orders events of one time: partition, then input. */
  source: number
  offset: number
  /** Its identity, where a join of streams needs it. */
  id?: string
}

/** Partition and input as one number that orders by both; a task has at most this many inputs. */
export const MOST_INPUTS = 64
export const sourceOf = (partition: number, input: number): number => partition * MOST_INPUTS + input
export const inputOf = (source: number): number => source % MOST_INPUTS

/** Before the first record. */
export const nowhere = (): At => ({
  record: { topic: '', partition: 0, offset: 0, timestamp: 0, key: null, value: null, headers: undefined },
  time: 0,
  source: 0,
  offset: 0,
})
