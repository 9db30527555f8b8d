import type { InputBuffer } from './input-buffer.ts'
import type { Recorded, RecordedAdvance } from './time-records.ts'

/** What is to be done next by the record: take exactly these counts, advance, or wait for records. */
export type RecordedNext =
  | { readonly kind: 'slice'; readonly counts: readonly number[] }
  | (RecordedAdvance & { readonly counts?: undefined })
  | 'wait'
  | undefined

/** Walks through what another run of the same task recorded, so that this one decides the same at the same offsets. */
export class RecordedCursor {
  readonly #recorded: readonly Recorded[]
  #next: number

  /** @param applied how many a run that is resumed has applied; undefined at its beginning: what lies before it is passed. */
  constructor(recorded: readonly Recorded[], inputs: readonly InputBuffer[], applied: number | undefined) {
    this.#recorded = recorded
    this.#next = applied ?? recorded.findIndex((one) => !liesBefore(one, inputs))
    if (this.#next === -1) this.#next = recorded.length
  }

  get applied(): number {
    return this.#next
  }

  /** With one input: the offset that no slice may cross before the next advance. */
  limit(): number {
    const one = this.#recorded[this.#next]
    return one?.kind === 'advance' ? one.afterOffset : Number.POSITIVE_INFINITY
  }

  next(inputs: readonly InputBuffer[]): RecordedNext {
    const one = this.#recorded[this.#next]
    if (!one || !this.#within(one, inputs)) return undefined
    if (one.kind === 'advance') {
      if (inputs.length > 1) return one
      return (inputs[one.input]?.position ?? 0) >= one.afterOffset ? one : undefined
    }
    if (inputs.some((input, index) => input.fetched < Math.min(one.ends[index] ?? 0, input.end))) return 'wait'
    return { kind: 'slice', counts: inputs.map((input, index) => input.countBelow(one.ends[index] ?? 0)) }
  }

  /** The offset up to which an input must be fetched before anything can be done; 0 where nothing is waited for. */
  needed(inputs: readonly InputBuffer[], index: number): number {
    const one = this.#recorded[this.#next]
    if (one?.kind !== 'slice' || !this.#within(one, inputs)) return 0
    return Math.min(one.ends[index] ?? 0, inputs[index]?.end ?? 0)
  }

  /** True while something recorded within the bounds is still to be applied. */
  dueAt(inputs: readonly InputBuffer[]): boolean {
    const one = this.#recorded[this.#next]
    return one?.kind === 'advance' && this.#within(one, inputs)
  }

  apply(): void {
    this.#next++
  }

  /** Beyond the bounds of the run nothing recorded applies any more. */
  #within(one: Recorded, inputs: readonly InputBuffer[]): boolean {
    if (one.kind === 'advance') return one.afterOffset <= (inputs[one.input]?.end ?? 0)
    return one.ends.some((end, index) => end > (inputs[index]?.position ?? 0)) && inputs.some((input) => !input.ended)
  }
}

function liesBefore(one: Recorded, inputs: readonly InputBuffer[]): boolean {
  if (one.kind === 'advance') return one.afterOffset < (inputs[one.input]?.position ?? 0)
  return one.ends.every((end, index) => end <= (inputs[index]?.position ?? 0))
}
