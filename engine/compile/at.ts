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
