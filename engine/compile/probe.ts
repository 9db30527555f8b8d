import type { Row } from '#engine/topology'
import type { At } from './at.ts'
import type { Operator } from './operator.ts'
import type { Lateness } from './outputs.ts'

/**
 * Sees what a source stage does with each event and changes nothing of it: how a figure is explained by the code that made
 * it. `at` is one object that is filled anew for each event: what is kept of it has to be copied. Where a step holds rows
 * back, its record has its position alone.
 */
export interface Probe {
  /** False: the operator is not given the event; a micro-replay of some windows alone. Absent: it is given all. */
  wants?(time: number): boolean
  /** The operator took the row: into its windows but for those that `late` was told of right before. */
  took(row: Row, at: Readonly<At>): void
  /** The event went to the late topic. */
  late(at: Readonly<At>, lateness: Lateness): void
  /** A step let the event go no further: the fields of it that the plan reads, and the step's name (`stepNames`). */
  ended(row: Row, at: Readonly<At>, step: string): void
}

/** The operator, seen by a probe. */
export function probed(inner: Operator, probe: Probe | undefined): Operator {
  if (probe === undefined) return inner
  return {
    parts: inner.parts,
    get nextTime() {
      return inner.nextTime
    },
    take(row, at) {
      if (probe.wants?.(at.time) === false) return
      inner.take(row, at)
      probe.took(row, at)
    },
    moved: (streamTime) => inner.moved(streamTime),
    settledAt: (time) => inner.settledAt(time),
    restored: (streamTime) => inner.restored(streamTime),
    get onDisk() {
      return inner.onDisk
    },
    *inspect(key) {
      yield* inner.inspect?.(key) ?? []
    },
    drain: (streamTime, out) => inner.drain(streamTime, out),
  }
}
