import { deserialize, serialize } from 'node:v8'
import { keyText } from '#engine/schema'
import { DiskKeyedStore, type KeyedEntry, type KeyedState, KeyedStore, type StatePart } from '#engine/state'
import type { Row, StatefulContext, StatefulOperator } from '#engine/topology'
import type { At } from './at.ts'
import type { OutputRecord } from './contract.ts'
import type { Host, Operator } from './operator.ts'
import { deadRow } from './outputs.ts'
import { elementsOf, type Shape, shapeOf } from './row-shapes.ts'
import { TRIES } from './throws.ts'
import { STATE_COLUMN } from './view.ts'

/** The author's functions with state by key and event-time timers. */
export class StatefulStep implements Operator {
  readonly parts: readonly StatePart[]
  readonly onDisk: DiskKeyedStore | undefined
  readonly #operator: StatefulOperator
  readonly #keyBy: readonly string[]
  readonly #result: (row: Row) => OutputRecord
  readonly #host: Host
  readonly #store: KeyedState
  readonly #context: Context
  readonly #keyOf: Shape

  /** @param folder where the state is kept where its author wants it on disk; undefined: in memory */
  constructor(
    operator: StatefulOperator,
    keyBy: readonly string[],
    result: (row: Row) => OutputRecord,
    host: Host,
    folder?: string,
  ) {
    this.#operator = operator
    this.#keyBy = keyBy
    this.#result = result
    this.#host = host
    const tag = `state ${operator.name}`
    this.onDisk =
      operator.keptOn === 'disk' && folder !== undefined ? new DiskKeyedStore(tag, operator.ttlMs, folder) : undefined
    this.#store = this.onDisk ?? new KeyedStore(tag, operator.ttlMs)
    this.#keyOf = shapeOf(elementsOf(keyBy))
    this.#context = new Context(host, this.#keyOf)
    this.parts = [this.#store]
  }

  get nextTime(): number {
    return this.#store.nextDue
  }

  take(row: Row, at: At): void {
    const key = this.#keyBy.map((field) => row[field])
    const text = keyText(key)
    const found = this.#store.get(text)
    const entry = found ?? newEntry(text, key, this.#operator.initial(), at.time)
    const records = this.#call(entry, at.time, Number.NEGATIVE_INFINITY, (context, state) =>
      this.#operator.onEvent(context, row, state),
    )
    entry.touched = Math.max(entry.touched, at.time)
    this.#settle(entry, found !== undefined)
    if (this.#context.tooLate) this.#late(at)
    for (const record of records) this.#host.out(record)
  }

  #late(at: At): void {
    const { streamTime } = this.#host
    this.#host.late(at, { reason: 'late', eventTime: at.time, lateness: streamTime - at.time, streamTime })
  }

  /** Calls the author with the entry's state. Thrown: the state is what it was before. */
  #call(
    entry: KeyedEntry,
    time: number,
    after: number,
    call: (context: StatefulContext<Row>, state: unknown) => unknown,
  ): readonly OutputRecord[] {
    const before = serialize(entry.state)
    this.#context.begin(entry, time, after)
    try {
      const rows = call(this.#context, entry.state)
      const list: readonly unknown[] = rows === undefined || rows === null ? [] : Array.isArray(rows) ? rows : [rows]
      return list.map((row) => this.#result(row as Row))
    } catch (thrown) {
      entry.state = deserialize(before)
      throw thrown
    }
  }

  #settle(entry: KeyedEntry, known: boolean): void {
    if (this.#context.removed) {
      if (known) this.#store.remove(entry.text)
      return
    }
    entry.timers = this.#context.timers
    this.#store.put(entry)
  }

  moved(streamTime: number): void {
    for (let due = this.#store.due(streamTime); due; due = this.#store.due(streamTime)) {
      if (due.kind === 'expiry') this.#store.remove(due.entry.text)
      else this.#fire(due.entry, due.time)
    }
  }

  #fire(entry: KeyedEntry, time: number): void {
    entry.timers = entry.timers.slice(1)
    const { onTimer } = this.#operator
    for (let attempt = 1; onTimer; attempt++) {
      try {
        const records = this.#call(entry, time, time, (context, state) => onTimer(context, state))
        this.#settle(entry, true)
        for (const record of records) this.#host.out(record)
        return
      } catch (thrown) {
        if (attempt < TRIES) continue
        this.#host.threw(deadRow({ key: entry.text, timer: time }, this.#operator.name, thrown))
        break
      }
    }
    this.#store.put(entry)
  }

  settledAt(time: number): number {
    return time
  }

  restored(): void {
    // Every change of an entry is in the changelog, its removal too.
  }

  *inspect(key?: string): Iterable<Row> {
    const found = key === undefined ? this.#store.all() : [this.#store.get(key)]
    for (const entry of found) {
      if (entry === undefined) continue
      yield { ...this.#keyOf(entry.key), [STATE_COLUMN]: entry.state, timers: entry.timers, touchedAt: entry.touched }
    }
  }

  drain(): void {
    // Rows are handed out as they are made.
  }
}

const newEntry = (text: string, key: readonly unknown[], state: unknown, touched: number): KeyedEntry => ({
  text,
  key,
  state,
  timers: [],
  touched,
  scheduled: Number.POSITIVE_INFINITY,
})

/** What the author's functions are given; one object a task. Its methods work when taken out of it. */
class Context implements StatefulContext<Row> {
  key: Row = {}
  eventTime = 0
  timers: number[] = []
  removed = false
  tooLate = false
  #after = 0
  readonly #host: Host
  readonly #keyOf: Shape

  constructor(host: Host, keyOf: Shape) {
    this.#host = host
    this.#keyOf = keyOf
  }

  get streamTime(): number {
    return this.#host.streamTime
  }

  begin(entry: KeyedEntry, time: number, after: number): void {
    this.key = this.#keyOf(entry.key)
    this.eventTime = time
    this.timers = entry.timers
    this.removed = false
    this.tooLate = false
    this.#after = after
  }

  readonly setTimer = (time: number): void => {
    if (!Number.isFinite(time)) throw new RangeError(`a timer at ${time} is at no time`)
    if (time <= this.#after) throw new RangeError('a timer may set the next one only for a later time')
    if (!this.timers.includes(time)) this.timers = [...this.timers, time].sort((a, b) => a - b)
  }

  readonly clearTimer = (time: number): void => {
    this.timers = this.timers.filter((timer) => timer !== time)
  }

  readonly late = (): void => {
    if (this.#after > Number.NEGATIVE_INFINITY) throw new RangeError('a timer has no event that could be late')
    this.tooLate = true
  }

  readonly remove = (): void => {
    this.removed = true
  }
}
