import type { StageInput } from '#engine/compile'
import type { InputBuffer } from './input-buffer.ts'

/** How many records of each input the next slice takes, or which inputs are waited for. */
export type Cut =
  | { readonly kind: 'slice'; readonly counts: readonly number[] }
  | { readonly kind: 'wait'; readonly inputs: readonly number[] }
  | { readonly kind: 'nothing' }

/** What is known of an input beside its buffer. */
export interface InputView {
  readonly input: StageInput
  readonly buffer: InputBuffer
  /** Largest event time taken. */
  readonly reached: number
  /** Nothing more is expected: at its end, and idle long enough, or its import complete, or the run's bound is reached. */
  readonly passed: boolean
  /** The buffer is full: nothing more is fetched before something is taken. */
  readonly full: boolean
}

const NONE = Number.NEGATIVE_INFINITY

/**
 * Cuts a slice of several inputs by event time. An input has *reached* the largest time fetched of it. A stream is taken
 * up to, not including, what every other input has reached: whatever those may still bring is not earlier, if they are in
 * order. A table is taken including that time, because its row as of a time is wanted by events of the same time. Inputs
 * that passed hold nobody up. `timed` false (the stage tells no times): all that is there, once no input is empty.
 */
export function cutSeveral(views: readonly InputView[], timed: boolean): Cut {
  const empty = indexesWhere(views, (view) => view.buffer.length === 0 && !view.passed)
  if (views.every((view) => view.buffer.length === 0)) return { kind: 'nothing' }
  if (!timed) {
    if (empty.length > 0) return { kind: 'wait', inputs: empty }
    return { kind: 'slice', counts: views.map((view) => view.buffer.length) }
  }
  const reached = views.map((view) =>
    view.passed ? Number.POSITIVE_INFINITY : Math.max(view.reached, view.buffer.maxTime),
  )
  const limitOf = (index: number): number =>
    reached.reduce((limit, time, other) => (other === index ? limit : Math.min(limit, time)), Number.POSITIVE_INFINITY)
  const counts = views.map((view, index) => view.buffer.countBefore(limitOf(index), view.input.role === 'table'))
  if (counts.some((count) => count > 0)) return { kind: 'slice', counts }
  // Full buffers of one and the same time cannot wait for a later one.
  if (views.some((view) => view.full) && empty.length === 0) {
    const at = views.map((view, index) => view.buffer.countBefore(limitOf(index), true))
    if (at.some((count) => count > 0)) return { kind: 'slice', counts: at }
  }
  const earliest = Math.min(...reached.filter((_, index) => !views[index]?.passed), Number.POSITIVE_INFINITY)
  const behind = indexesWhere(views, (view, index) => !view.passed && (reached[index] ?? NONE) <= earliest)
  return { kind: 'wait', inputs: behind }
}

function indexesWhere(views: readonly InputView[], holds: (view: InputView, index: number) => boolean): number[] {
  return views.flatMap((view, index) => (holds(view, index) ? [index] : []))
}
