import type { AnyTopic, Plan } from '#engine'
import type { Random } from '../random.ts'

/** A topic that a topology reads, and how its events are made. */
export interface Source {
  readonly topic: AnyTopic
  /** Of all events, so many parts are this source's. */
  readonly share: number
  /** An event's values: number `n`, of a key's owner, at an event time. */
  make(random: Random, n: number, owner: string, at: number): object
  /** It is a table whose rows are deleted too, by records without a value. */
  readonly deletes?: boolean
}

export interface Made {
  readonly plan: Plan
  readonly sources: readonly Source[]
}

/** A topology under test. */
export interface Topology {
  readonly name: string
  /**
   * What its results depend on beside its code: the offsets of its input alone, or also on when the task looked (slices of
   * several inputs, silence), which is recorded. In the first case they equal those of an undisturbed live run, in the
   * second those of an undisturbed run over the same records.
   */
  readonly decidedBy: 'offsets' | 'record'
  /** Records may lie on another partition than their key says: dead-lettered by joins, and nothing to a re-key. */
  readonly strays: boolean
  /** When its events happen, for what depends on the calendar: from `from` on, a second of other topologies is `seconds`. */
  readonly times?: { readonly from: number; readonly seconds: number }
  /** Every topic's name begins with `prefix`, the processor is called `processor`. */
  make(prefix: string, processor: string): Made
}
