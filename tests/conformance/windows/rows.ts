import type { OutputRecord } from '#engine/compile'
import type { AnyTopic } from '#engine/schema'
import type { Case, CaseRow } from '../cases.ts'
import type { Conventions } from './conventions.ts'

export interface Emitted extends CaseRow {
  readonly key: string
  readonly afterInput: number
}

/** What the engine says, as the peer would: rows in the order emitted. */
export class Rows {
  readonly emitted: Emitted[] = []
  readonly #test: Case
  readonly #conventions: Conventions
  readonly #topic: AnyTopic
  /** Rows of windows that have not fired yet, by identity. */
  readonly #held = new Map<string, Emitted>()
  #watermark = Number.NEGATIVE_INFINITY

  constructor(test: Case, conventions: Conventions, topic: AnyTopic) {
    this.#test = test
    this.#conventions = conventions
    this.#topic = topic
  }

  take(record: OutputRecord, afterInput: number): void {
    const { endOf, leftOnly, shiftMs } = this.#conventions
    const [key, shiftedStart, shiftedEnd] = identityOf(record.key?.toString() ?? '')
    const start = shiftedStart - shiftMs
    const end = shiftedEnd - shiftMs
    if (leftOnly && !this.#test.input.some((event) => event.ts === end && String(event.key) === key)) return
    const value = record.value === null ? null : this.#shown(record.value)
    this.#put({ key, start, end: endOf(end), value, afterInput }, record.value === null)
  }

  #put(row: Emitted, retraction: boolean): void {
    const identity = JSON.stringify([row.key, row.start, row.end])
    const { firesAgain, oncePerBatch, retracts } = this.#conventions
    const state = this.#test.emit === 'state'
    if (retraction && !retracts) {
      this.#held.delete(identity)
      return
    }
    if (retraction && state) this.#held.delete(identity)
    else if (state || oncePerBatch || (firesAgain && row.end - 1 > this.#watermark)) this.#held.set(identity, row)
    else this.emitted.push(row)
  }

  /** No more events up to this time: windows that end there fire. */
  passed(watermark: number, afterInput: number): void {
    this.#watermark = Math.max(this.#watermark, watermark)
    if (this.#conventions.oncePerBatch) this.#release(Number.POSITIVE_INFINITY, afterInput)
    else if (this.#conventions.firesAgain) this.#release(this.#watermark, afterInput)
  }

  /** The input is over: what was held is what there is. */
  ended(afterInput: number): void {
    if (this.#test.emit === 'state' || this.#test.flushAtEnd) this.#release(Number.POSITIVE_INFINITY, afterInput)
  }

  #release(watermark: number, afterInput: number): void {
    const due = [...this.#held].filter(([, { end }]) => end - 1 <= watermark)
    for (const [identity, row] of due.sort(([, a], [, b]) => a.end - b.end || a.start - b.start)) {
      this.#held.delete(identity)
      this.emitted.push({ ...row, afterInput })
    }
  }

  #shown(frame: Buffer): unknown {
    const { value } = this.#topic.decode(frame.subarray(5)) as { readonly value: unknown }
    const { aggregate } = this.#test
    if (aggregate === 'none') return null
    if (!Array.isArray(value)) return value
    const list = value.map((text) => JSON.parse(text as string) as [index: number, time: number, value: unknown])
    if (aggregate === 'collect-ts-set') return [...new Set(list.map(([, time]) => time))].sort((a, b) => a - b)
    if (aggregate === 'collect-sorted-by-ts') list.sort((a, b) => a[1] - b[1] || a[0] - b[0])
    return list.map(([, , one]) => one)
  }
}

/** The key, start and end of a result's key text; the bounds hold nothing that is escaped. */
function identityOf(text: string): [key: string, start: number, end: number] {
  const last = text.lastIndexOf('|')
  const first = text.lastIndexOf('|', last - 1)
  const key = text.slice(0, first).replace(/\\(.)/g, '$1')
  return [key, Number(text.slice(first + 1, last)), Number(text.slice(last + 1))]
}
