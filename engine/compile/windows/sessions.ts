import { KappaError } from '#engine/errors'
import { type ByteReader, type Session, type SessionKey, SessionStore, type StatePart } from '#engine/state'
import type { Row, SessionWindow } from '#engine/topology'
import type { At } from '../at.ts'
import { closesAt } from '../frames.ts'
import type { Grouping } from '../grouping.ts'
import type { Host, Operator } from '../operator.ts'
import type { Merging } from './merging.ts'
import { SessionFinder } from './session-finder.ts'
import { emitRow, retractRow, type WindowTarget } from './target.ts'

/**
 * Sessions of one stage, or behind a re-key. An event opens a session, widens one, or makes several one; it is late where
 * the session it would be in is closed. On update a session that changes is taken back before its new row is emitted,
 * because its bounds are part of its identity.
 *
 * **Behind a re-key** sessions are made of the events that their sources found in time, whatever order these are read in.
 * A source takes an event while `time + gap ≥ stream time − grace`, so the events that can still join a session are those
 * up to one gap after it: it closes one gap later than in one stage, and then is the same however commits fell.
 */
export class Sessions implements Operator, Merging {
  readonly parts: readonly StatePart[]
  readonly #window: SessionWindow
  readonly #grouping: Grouping
  readonly #store: SessionStore
  readonly #finder: SessionFinder
  readonly #target: WindowTarget
  readonly #host: Host

  constructor(window: SessionWindow, grouping: Grouping, target: WindowTarget, host: Host, rekeyed: boolean) {
    this.#window = window
    this.#grouping = grouping
    this.#target = target
    this.#host = host
    this.#store = new SessionStore(grouping.tag, settledAfter(window, rekeyed))
    this.#finder = new SessionFinder(this.#store, window.gapMs, grouping)
    this.parts = [this.#store]
  }

  get nextTime(): number {
    return this.#store.nextClose
  }

  take(row: Row, at: At): void {
    const grouping = this.#grouping
    grouping.read(row)
    const { time } = at
    let owner = this.#store.ownerAt(row, grouping.keyBy)
    if (owner === undefined || !this.#finder.find(owner, time, time)) {
      if (!this.#store.isOpen(time, this.#host.streamTime)) {
        lateAlone(this.#host, at)
        return
      }
      owner ??= this.#store.addOwner(grouping.keyBy.map((field) => row[field]))
      this.#finder.find(owner, time, time)
    }
    const session = this.#hold(owner, time, time)
    grouping.add(session, at)
    this.#touch(session)
  }

  takePartial(source: number, reader: ByteReader): void {
    const start = reader.value() as number
    const end = reader.value() as number
    const owner = this.#store.ownerOf(reader.values())
    this.#finder.find(owner, start, end)
    const session = this.#hold(owner, start, end)
    if (!this.#store.isOpen(session.end, this.#host.streamTime))
      throw new KappaError('STATE_MISMATCH', `merging a partial session of source ${source} into one that is closed`)
    this.#grouping.merge(session.slots, reader.values())
    this.#touch(session)
  }

  /** The session that holds the times given and what was found within a gap of them. */
  #hold(owner: SessionKey, start: number, end: number): Session {
    const { from, to } = this.#finder
    if (this.#target.emit === 'on-update') {
      const found = owner.sessions.slice(from, to)
      const same = found.length === 1 && found[0]?.start === start && found[0].end === end
      if (!same) for (const gone of found) retractRow(this.#host, this.#target, this.#rowOf(gone))
    }
    return this.#finder.hold(owner, start, end)
  }

  #touch(session: Session): void {
    this.#store.touch(session)
    if (this.#target.emit === 'on-update') emitRow(this.#host, this.#target, this.#rowOf(session))
  }

  #rowOf({ start, end, owner, slots }: Session): Row {
    return this.#grouping.rowOf(start, end, owner.key, slots)
  }

  moved(streamTime: number): void {
    for (let closed = this.#store.close(streamTime); closed; closed = this.#store.close(streamTime))
      if (this.#target.emit === 'on-close') emitRow(this.#host, this.#target, this.#rowOf(closed))
  }

  settledAt(time: number): number {
    return time + settledAfter(this.#window, false)
  }

  restored(streamTime: number): void {
    while (this.#store.close(streamTime));
  }

  *inspect(key?: string): Iterable<Row> {
    for (const session of this.#store.all())
      if (key === undefined || session.owner.text === key) yield this.#rowOf(session)
  }

  drain(): void {
    // Rows are handed out as they are made.
  }
}

/** From a session's last event to the stream time at which it closes. */
export const settledAfter = ({ gapMs, graceMs }: SessionWindow, rekeyed: boolean): number =>
  closesAt(rekeyed ? gapMs + gapMs : gapMs, graceMs)

/** An event that no open session holds, and that is too old to open one. */
export function lateAlone(host: Host, at: At): void {
  const { streamTime } = host
  const { time } = at
  host.late(at, {
    reason: 'late',
    eventTime: time,
    lateness: streamTime - time,
    streamTime,
    windows: `${time}/${time}`,
  })
}
