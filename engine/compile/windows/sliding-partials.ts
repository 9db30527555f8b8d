import { MarkStore, type StatePart } from '#engine/state'
import type { Row, SlidingWindow } from '#engine/topology'
import type { At } from '../at.ts'
import type { OutputRecord } from '../contract.ts'
import { closesAt } from '../frames.ts'
import type { Grouping } from '../grouping.ts'
import type { Host, Operator } from '../operator.ts'
import type { Partials } from '../partials.ts'
import { rightEnd } from './sliding-ends.ts'
import { lateForSliding, openFrom } from './sliding-late.ts'

/**
 * Sliding windows ahead of a re-key: gathers by key and event time what came since the last drain and ships it, with the
 * windows it counts in. Nothing is kept between commits.
 */
export class SlidingPartials implements Operator {
  readonly parts: readonly StatePart[] = []
  readonly nextTime = Number.POSITIVE_INFINITY
  readonly #window: SlidingWindow
  readonly #grouping: Grouping
  readonly #store: MarkStore
  readonly #partials: Partials
  readonly #host: Host

  constructor(window: SlidingWindow, grouping: Grouping, partials: Partials, host: Host) {
    this.#window = window
    this.#grouping = grouping
    this.#partials = partials
    this.#host = host
    this.#store = new MarkStore(grouping.tag)
  }

  take(row: Row, at: At): void {
    const grouping = this.#grouping
    const store = this.#store
    grouping.read(row)
    const from = openFrom(this.#host, at.time, this.#window)
    if (from > at.time && lateForSliding(this.#host, at, this.#window, [])) return
    const owner = store.ownerAt(row, grouping.keyBy) ?? store.addOwner(grouping.keyBy.map((field) => row[field]))
    grouping.add(store.mark(owner, at.time, from, grouping.empty), at)
  }

  moved(): void {
    // Windows close behind the re-key.
  }

  settledAt(time: number): number {
    return closesAt(rightEnd(time, this.#window.sizeMs), this.#window.graceMs)
  }

  restored(streamTime: number): void {
    this.#partials.restored(streamTime)
  }

  drain(streamTime: number, out: OutputRecord[]): void {
    for (const { key, text, marks } of this.#store.all())
      for (const { time, from, slots } of marks) {
        const writer = this.#partials.row(text)
        writer.value(time)
        writer.value(from)
        writer.values(key)
        writer.values(slots)
      }
    this.#store.clear()
    this.#partials.ship(streamTime, out)
  }
}
