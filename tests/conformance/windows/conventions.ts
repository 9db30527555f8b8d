import type { Case, CaseInput } from '../cases.ts'
import { FOREVER } from './plan.ts'

/**
 * A peer's conventions in this engine's terms. Nothing here knows an expectation: it says what the peer's words for time,
 * bounds and firing mean.
 */
export interface Conventions {
  /** The clock moves by the case's watermarks or batches alone. */
  readonly external: boolean
  readonly batched: boolean
  readonly graceMs: number
  /** The peer has windows that begin before 1970, which this engine has not: the case is told that much later. */
  readonly shiftMs: number
  /** Stream time at which a peer's watermark ("no more events with a time up to this") finds this engine. */
  timeOf(watermark: number): number
  /** The end that the peer reports. */
  endOf(end: number): number
  /** A window fires when the watermark passes its end, and again at each event that comes within its grace. */
  readonly firesAgain: boolean
  /** A changed session is taken back before its new row; other peers just say the new one. */
  readonly retracts: boolean
  /** Updates are told once a micro-batch. */
  readonly oncePerBatch: boolean
  /** Sliding windows that end with no event are not reported. */
  readonly leftOnly: boolean
}

/** Windows that begin before 1970, or at an offset, are told later, by a whole number of windows or up to the next one. */
function shiftOf(test: Case): number {
  const { window, dialect } = test
  const { type, sizeMs = 0, advanceMs = sizeMs, offsetMs = 0 } = window ?? { type: '' }
  if (type !== 'tumbling' && type !== 'hopping') return 0
  const early = test.input.some(({ ts }) => typeof ts === 'number' && ts < 0)
  if (type === 'tumbling' && offsetMs === 0 && !early) return 0
  const upToNext = offsetMs === 0 ? 0 : 1_000_000 * advanceMs - offsetMs
  return upToNext + (CLAMPED.has(dialect) ? 0 : 1_000_000 * advanceMs)
}

/** Peers whose windows begin at 1970 at the earliest. */
const CLAMPED: ReadonlySet<string> = new Set(['kstreams', 'quix'])

export function conventionsOf(test: Case): Conventions {
  const { window, dialect } = test
  const watermarks = test.input.some(({ watermark }) => watermark !== undefined)
  const batches = test.input.some(({ batch }) => batch !== undefined)
  const isSession = window?.type === 'session'
  const exclusive = isSession && test.sessionEnd === 'lastEvent+gap'
  // What a case shows is its state, however old the events are: nothing may close unless the case says so.
  const timeless = test.emit === 'state' && !watermarks && !batches
  return {
    external: watermarks || batches || timeless,
    batched: batches,
    graceMs: window?.graceMs ?? FOREVER,
    shiftMs: shiftOf(test),
    // `end − 1` is the last time that belongs to a window whose end is excluded. A session of this engine holds events up
    // to one gap after its last one; where the peer excludes its end, it closes 1 ms before that.
    timeOf: (watermark) => watermark + (exclusive ? 2 : 1),
    endOf: (end) => (exclusive ? end + (window?.gapMs ?? 0) : end),
    firesAgain:
      (dialect === 'flink' || dialect === 'beam') && test.emit === 'final' && watermarks && (window?.graceMs ?? 0) > 0,
    oncePerBatch: batches && test.emit === 'update',
    retracts: dialect === 'kstreams',
    leftOnly: dialect === 'quix' && window?.type === 'sliding',
  }
}

/** The watermark that a micro-batch leaves behind: what its events and those before reached, the delay being the grace. */
export function watermarkAfter(inputs: readonly CaseInput[], index: number): number | undefined {
  const here = inputs[index]
  const next = inputs[index + 1]
  if (here === undefined || typeof here.ts !== 'number') return undefined
  const goesOn = next !== undefined && typeof next.ts === 'number' && next.batch === here.batch
  if (goesOn) return undefined
  const reached = inputs.slice(0, index + 1).map(({ ts }) => (typeof ts === 'number' ? ts : Number.NEGATIVE_INFINITY))
  return Math.max(...reached) - 1
}

/** Records without key or value are nobody's event: Kafka Streams skips them. */
export const isSkipped = (test: Case, { key, value }: CaseInput): boolean =>
  test.dialect === 'kstreams' && (key === null || value === null)
