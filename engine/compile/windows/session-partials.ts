import { SessionStore, type StatePart } from '#engine/state'
import type { Row, SessionWindow } from '#engine/topology'
import type { At } from '../at.ts'
import type { OutputRecord } from '../contract.ts'
import type { Grouping } from '../grouping.ts'
import type { Host, Operator } from '../operator.ts'
import type { Partials } from '../partials.ts'
import { SessionFinder } from './session-finder.ts'
import { lateAlone, settledAfter } from './sessions.ts'

/**
 * Sessions ahead of a re-key: gathers what came since the last drain and ships it, so nothing is kept between commits. An
 * event is late here by its own time alone: what other partitions hold of its session is not known.
 */
export class SessionPartials implements Operator {
  readonly parts: readonly StatePart[] = []
  readonly nextTime = Number.POSITIVE_INFINITY
  readonly #window: SessionWindow
  readonly #grouping: Grouping
  readonly #store: SessionStore
  readonly #finder: SessionFinder
  readonly #partials: Partials
  readonly #host: Host

  constructor(window: SessionWindow, grouping: Grouping, partials: Partials, host: Host) {
    this.#window = window
    this.#grouping = grouping
    this.#partials = partials
    this.#host = host
    this.#store = new SessionStore(grouping.tag, settledAfter(window, false))
    this.#finder = new SessionFinder(this.#store, window.gapMs, grouping)
  }

  take(row: Row, at: At): void {
    const grouping = this.#grouping
    const store = this.#store
    grouping.read(row)
    const { time } = at
    if (!store.isOpen(time, this.#host.streamTime)) {
      lateAlone(this.#host, at)
      return
    }
    const owner = store.ownerAt(row, grouping.keyBy) ?? store.addOwner(grouping.keyBy.map((field) => row[field]))
    this.#finder.find(owner, time, time)
    grouping.add(this.#finder.hold(owner, time, time), at)
  }

  moved(): void {
    // Sessions close behind the re-key.
  }

  settledAt(time: number): number {
    return time + settledAfter(this.#window, true)
  }

  restored(streamTime: number): void {
    this.#partials.restored(streamTime)
  }

  drain(streamTime: number, out: OutputRecord[]): void {
    for (const { owner, start, end, slots } of this.#store.all()) {
      const writer = this.#partials.row(owner.text)
      writer.value(start)
      writer.value(end)
      writer.values(owner.key)
      writer.values(slots)
    }
    this.#store.clear()
    this.#partials.ship(streamTime, out)
  }
}
