import type { Advance, Stage, StageSpec } from '#engine/compile'
import type { Completions } from './imports.ts'
import type { InputBuffer } from './input-buffer.ts'

/** What is known of a silent task, when somebody looks. */
export interface SilenceView {
  readonly spec: StageSpec
  readonly stage: Stage
  readonly inputs: readonly InputBuffer[]
  /** Per input: it stands at its read-committed end. */
  readonly atEnd: readonly boolean[]
  /** Per input: when a record last came, wall clock. */
  readonly lastNews: readonly number[]
  /** Per input: the latest advance, and when it was made. */
  readonly advances: readonly { readonly time: number; readonly madeAt: number }[]
  readonly completions: Completions | undefined
  readonly applied: ReadonlySet<number>
  readonly now: number
}

/** Whether the input's end can matter now: asking the broker for it costs a request. */
export function asksForEnd(view: SilenceView, index: number): boolean {
  const { idleAfterMs } = view.spec.inputs[index] ?? {}
  const silentFor = view.now - (view.lastNews[index] ?? view.now)
  const waited = view.inputs.length > 1 && completionsOf(view, index).length > 0
  if (waited || idleAfterMs === undefined || silentFor < idleAfterMs) return waited
  return view.inputs.length > 1 || view.stage.stateEntries > 0 || view.spec.next !== undefined
}

/** Whether an input holds nobody up: at its end, and idle for as long as its author chose, or its import complete. */
export function passes(view: SilenceView, index: number): boolean {
  const { idleAfterMs } = view.spec.inputs[index] ?? {}
  if (!view.atEnd[index]) return false
  const idle = idleAfterMs !== undefined && view.now - (view.lastNews[index] ?? view.now) >= idleAfterMs
  return idle || completionsOf(view, index).some(({ endOffset }) => (view.inputs[index]?.fetched ?? 0) >= endOffset)
}

/** An advance that is due, and the id of the import completion that it applies. */
export interface DueAdvance {
  readonly advance: Advance
  readonly completion: number | undefined
}

/**
 * The next advance of a stream input, or undefined. Never past what another stream input may still bring: an advance waits
 * until every other stream has passed or reached its time. Tables have no advances: their time closes nothing.
 */
export function dueAdvance(view: SilenceView): DueAdvance | undefined {
  for (const [index, input] of view.spec.inputs.entries()) {
    if (input.role !== 'stream') continue
    const due = importAdvance(view, index) ?? idleAdvance(view, index)
    if (due && othersAllow(view, index, due.advance.time)) return due
  }
  return undefined
}

const completionsOf = ({ completions, inputs }: SilenceView, index: number) => {
  const input = inputs[index]
  return input && completions ? completions.of(input.topic, input.partition) : []
}

function importAdvance(view: SilenceView, index: number): DueAdvance | undefined {
  const position = view.inputs[index]?.position ?? 0
  for (const { id, endOffset, throughTime } of completionsOf(view, index)) {
    if (view.applied.has(id) || throughTime === null || position < endOffset) continue
    const advance = { input: index, afterOffset: position, time: throughTime, reason: 'import' as const }
    return { advance, completion: id }
  }
  return undefined
}

/**
 * T = last event time + wall time since it was written; where there never was an event, now less the input's patience. Beside a
 * stream that had some, an input without any moves nothing: it knows no event time, the others do. (An empty topic beside an
 * import of last year would else bring the task to today, and forget what the import goes on with.)
 */
function idleAdvance(view: SilenceView, index: number): DueAdvance | undefined {
  const { spec, stage, now } = view
  const { idleAfterMs } = spec.inputs[index] ?? {}
  const input = view.inputs[index]
  const made = view.advances[index]
  if (idleAfterMs === undefined || !input || input.length > 0 || !view.atEnd[index]) return undefined
  if (now - (view.lastNews[index] ?? now) < idleAfterMs) return undefined
  if (made && now - made.madeAt < idleAfterMs) return undefined
  // Without state nothing can close; only a re-key's second stage waits for this partition's time all the same.
  if (stage.stateEntries === 0 && spec.next === undefined) return undefined
  const last = stage.lastEvent(index)
  if (!last && spec.inputs.some(({ role }, other) => role === 'stream' && stage.lastEvent(other))) return undefined
  const time = last ? last.eventTime + Math.max(0, now - last.writtenAt) : now - idleAfterMs
  const known = Math.max(stage.streamTime, made?.time ?? Number.NEGATIVE_INFINITY)
  if (Number.isFinite(known) && time <= known) return undefined
  return { advance: { input: index, afterOffset: input.position, time, reason: 'idle' }, completion: undefined }
}

function othersAllow(view: SilenceView, index: number, time: number): boolean {
  return view.spec.inputs.every((input, other) => {
    if (other === index || input.role !== 'stream') return true
    if (view.inputs[other]?.length === 0 && passes(view, other)) return true
    return (view.stage.lastEvent(other)?.eventTime ?? Number.NEGATIVE_INFINITY) >= time
  })
}
