import { keyText } from '#engine/schema'
import { ENTRIES_PER_BLOCK, type StatePart } from './block.ts'
import type { ByteReader, ByteWriter } from './bytes.ts'
import { KeyTree } from './key-tree.ts'
import { TimeHeap } from './time-heap.ts'

/** The sessions of one key that are open, by start; no two are within one gap of each other. */
export interface SessionKey {
  readonly key: readonly unknown[]
  readonly text: string
  readonly sessions: Session[]
  /** Starts that the changelog may hold and that are no session's start any more. */
  gone: number[] | undefined
  dirty: boolean
}

export interface Session {
  readonly owner: SessionKey
  readonly slots: unknown[]
  /** First event. */
  start: number
  /** Last event. */
  end: number
  dirty: boolean
  open: boolean
}

/**
 * Open sessions by key. A session closes at `end + reach`; closing needs no entry in the changelog, because the stage's
 * header carries the stream time and the end says the rest.
 */
export class SessionStore implements StatePart {
  readonly tag: string
  readonly #reachMs: number
  readonly #keys = new KeyTree<SessionKey>()
  /** Times at which a session may close: never later than it does. */
  readonly #heap = new TimeHeap<Session>()
  #dirty: SessionKey[] = []
  entries = 0

  /** @param reachMs from a session's last event to the first stream time at which it is no longer open */
  constructor(tag: string, reachMs: number) {
    this.tag = tag
    this.#reachMs = reachMs
  }

  /** No session closes before this stream time. */
  get nextClose(): number {
    return this.#heap.time
  }

  /** A session with this last event is open. */
  isOpen(end: number, streamTime: number): boolean {
    return end + this.#reachMs > streamTime
  }

  ownerAt(row: Readonly<Record<string, unknown>>, fields: readonly string[]): SessionKey | undefined {
    return this.#keys.at(row, fields)
  }

  ownerOf(key: readonly unknown[]): SessionKey {
    return this.#keys.get(key) ?? this.addOwner(key)
  }

  addOwner(key: readonly unknown[]): SessionKey {
    const owner: SessionKey = { key, text: keyText(key), sessions: [], gone: undefined, dirty: false }
    this.#keys.add(key, owner)
    return owner
  }

  /** Opens a session that stands at `at` among those of its key. */
  open(owner: SessionKey, at: number, start: number, end: number, slots: unknown[]): Session {
    const session: Session = { owner, slots, start, end, dirty: false, open: true }
    if (at === owner.sessions.length) owner.sessions.push(session)
    else owner.sessions.splice(at, 0, session)
    this.entries++
    this.#heap.push(end + this.#reachMs, owner.text, session)
    return session
  }

  /** Widens a session to hold the times given. Its closing moves with its end. */
  widen(session: Session, start: number, end: number): void {
    if (end > session.end) session.end = end
    if (start >= session.start) return
    this.#leave(session)
    session.start = start
  }

  #leave({ owner, start }: Session): void {
    if (owner.gone === undefined) owner.gone = [start]
    else owner.gone.push(start)
  }

  /** Takes out a session that was merged into another one of its key. */
  remove(session: Session): void {
    this.#takeOut(session)
    this.#leave(session)
  }

  #takeOut(session: Session): void {
    const { sessions } = session.owner
    sessions.splice(sessions.indexOf(session), 1)
    session.open = false
    this.entries--
  }

  touch(session: Session): void {
    const { owner } = session
    session.dirty = true
    if (owner.dirty) return
    owner.dirty = true
    this.#dirty.push(owner)
  }

  /** Takes out the next session that is no longer open at `streamTime`, in (closing time, key) order. */
  close(streamTime: number): Session | undefined {
    const heap = this.#heap
    for (let session = heap.item; session !== undefined && heap.time <= streamTime; session = heap.item) {
      const { time, text } = heap
      heap.pop()
      if (!session.open) continue
      const closesAt = session.end + this.#reachMs
      if (closesAt > time) {
        heap.push(closesAt, text, session)
        continue
      }
      this.#takeOut(session)
      const { owner } = session
      if (owner.sessions.length === 0) this.#keys.remove(owner.key)
      return session
    }
    return undefined
  }

  /** All open sessions. */
  *all(): Iterable<Session> {
    for (const { sessions } of this.#keys.values()) yield* sessions
  }

  writeDelta(writer: ByteWriter): boolean {
    let changed = false
    for (const owner of this.#dirty) {
      owner.dirty = false
      // What a closed session merged away closed with it, or before.
      if (owner.sessions.length > 0) {
        changed = true
        writeSessions(
          writer,
          owner,
          owner.sessions.filter(({ dirty }) => dirty),
        )
      }
      owner.gone = undefined
      for (const session of owner.sessions) session.dirty = false
    }
    this.#dirty = []
    return changed
  }

  writeAll(begin: () => ByteWriter, end: () => void): void {
    let writer: ByteWriter | undefined
    let written = 0
    for (const owner of this.#keys.values()) {
      writer ??= begin()
      writeSessions(writer, owner, owner.sessions)
      written += owner.sessions.length
      if (written < ENTRIES_PER_BLOCK) continue
      end()
      writer = undefined
      written = 0
    }
    if (writer !== undefined) end()
  }

  read(reader: ByteReader): void {
    while (!reader.done) {
      const owner = this.ownerOf(reader.values())
      const { sessions } = owner
      for (let left = reader.varint(); left > 0; left--) {
        const start = reader.value()
        const gone = sessions.find((session) => session.start === start)
        if (gone) this.#takeOut(gone)
      }
      for (let left = reader.varint(); left > 0; left--) {
        const start = reader.value() as number
        const end = reader.value() as number
        const slots = reader.values()
        const known = sessions.find((session) => session.start === start)
        if (known) this.#takeOut(known)
        let at = sessions.length
        while (at > 0 && (sessions[at - 1] as Session).start > start) at--
        this.open(owner, at, start, end, slots)
      }
      if (sessions.length === 0) this.#keys.remove(owner.key)
    }
  }

  clear(): void {
    this.#keys.clear()
    this.#heap.clear()
    this.#dirty = []
    this.entries = 0
  }
}

function writeSessions(writer: ByteWriter, owner: SessionKey, sessions: readonly Session[]): void {
  writer.values(owner.key)
  const gone = owner.gone ?? []
  writer.varint(gone.length)
  for (const start of gone) writer.value(start)
  writer.varint(sessions.length)
  for (const { start, end, slots } of sessions) {
    writer.value(start)
    writer.value(end)
    writer.values(slots)
  }
}
