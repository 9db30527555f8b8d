import { type Counted, CountStore, type StatePart } from '#engine/state'
import type { CountWindow, Row } from '#engine/topology'
import type { At } from '../at.ts'
import type { Grouping } from '../grouping.ts'
import type { Host, Operator } from '../operator.ts'
import { emitRow, type WindowTarget } from './target.ts'

/**
 * Windows of a number of events of a key, in the order in which the task takes them. Time closes none, so no event is
 * late, and a window that is not full is not emitted on close.
 */
export class CountedWindows implements Operator {
  readonly parts: readonly StatePart[]
  readonly nextTime = Number.POSITIVE_INFINITY
  readonly #size: number
  readonly #grouping: Grouping
  readonly #store: CountStore
  readonly #target: WindowTarget
  readonly #host: Host

  constructor(window: CountWindow, grouping: Grouping, target: WindowTarget, host: Host) {
    this.#size = window.size
    this.#grouping = grouping
    this.#target = target
    this.#host = host
    this.#store = new CountStore(grouping.tag)
    this.parts = [this.#store]
  }

  take(row: Row, at: At): void {
    const grouping = this.#grouping
    const store = this.#store
    grouping.read(row)
    const counted =
      store.at(row, grouping.keyBy) ??
      store.add(
        grouping.keyBy.map((field) => row[field]),
        grouping.empty(),
      )
    grouping.add(counted, at)
    counted.filled++
    counted.start = Math.min(counted.start, at.time)
    counted.end = Math.max(counted.end, at.time)
    store.touch(counted)
    const full = counted.filled === this.#size
    if (full || this.#target.emit === 'on-update') emitRow(this.#host, this.#target, this.#rowOf(counted))
    if (full) store.next(counted, grouping.empty())
  }

  #rowOf({ key, number, start, end, slots }: Counted): Row {
    const row = this.#grouping.rowOf(start, end, key, slots)
    row.windowNumber = number
    return row
  }

  moved(): void {
    // Time closes no window.
  }

  settledAt(time: number): number {
    return time
  }

  restored(): void {
    // Every change is in the changelog.
  }

  drain(): void {
    // Rows are handed out as they are made.
  }
}
