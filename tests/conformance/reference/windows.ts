import type { Case, CaseRow } from '../cases.ts'
import { aggregated, type Taken } from './aggregates.ts'

/*
 * What Kafka Streams and Flink say to windows whose bounds do not depend on other events, straight from the conventions in the head
 * of the samples: every event and every window tried, nothing of the engine. Slow, and easy to believe.
 */
type Answer = Pick<Case, 'expect' | 'lateDropped' | 'lateWindowDrops'>

interface Span {
  readonly start: number
  readonly end: number
}

/** Windows `[start, end)` that an event belongs to; none begins before 0. */
function framesOf(ts: number, size: number, advance: number): Span[] {
  const frames: Span[] = []
  for (let start = 0; start <= ts; start += advance) if (ts < start + size) frames.push({ start, end: start + size })
  return frames
}

const idOf = (key: string, { start, end }: Span): string => `${key}|${start}|${end}`

/** Tumbling and hopping windows of Kafka Streams: open while `end > streamTime − grace`. */
export function streamsFrames(test: Case): Answer {
  const { sizeMs = 0, advanceMs = sizeMs, graceMs = 0 } = test.window ?? {}
  const grace = graceMs ?? 0
  const windows = new Map<string, { span: Span; key: string; events: Taken[]; told: boolean }>()
  const rows: CaseRow[] = []
  const lateDropped: number[] = []
  const lateWindowDrops: { inputIndex: number; window: readonly [number, number] }[] = []
  let streamTime = Number.NEGATIVE_INFINITY
  const { aggregate = '' } = test
  for (const [index, input] of test.input.entries()) {
    if (typeof input.ts !== 'number') continue
    const event: Taken = { index, key: String(input.key), ts: input.ts, value: input.value as number }
    streamTime = Math.max(streamTime, event.ts)
    let taken = 0
    for (const span of framesOf(event.ts, sizeMs, advanceMs)) {
      if (span.end <= streamTime - grace) {
        lateWindowDrops.push({ inputIndex: index, window: [span.start, span.end] })
        continue
      }
      taken++
      const id = idOf(event.key, span)
      const window = windows.get(id) ?? { span, key: event.key, events: [], told: false }
      windows.set(id, window)
      window.events.push(event)
      if (test.emit === 'update')
        rows.push({ key: event.key, ...span, value: aggregated(aggregate, window.events), afterInput: index })
    }
    if (taken === 0) lateDropped.push(index)
    if (test.emit === 'final')
      for (const window of windows.values())
        if (!window.told && window.span.end <= streamTime - grace) {
          window.told = true
          const value = aggregated(aggregate, window.events)
          rows.push({ key: window.key, ...window.span, value, afterInput: index })
        }
  }
  return { expect: rows, lateDropped, lateWindowDrops }
}

/**
 * Tumbling and hopping windows of Flink: a watermark W says that nothing up to W comes any more. A window fires when
 * W ≥ end − 1, and again at each event that comes while W < end − 1 + lateness; an event is late when all its windows are past that.
 */
export function flinkFrames(test: Case): Answer {
  const { sizeMs = 0, advanceMs = sizeMs, graceMs = 0 } = test.window ?? {}
  const lateness = graceMs ?? 0
  const windows = new Map<string, { span: Span; key: string; events: Taken[]; fired: boolean }>()
  const rows: CaseRow[] = []
  const lateDropped: number[] = []
  let watermark = Number.NEGATIVE_INFINITY
  const { aggregate = '' } = test
  const fire = (window: { span: Span; key: string; events: Taken[]; fired: boolean }, afterInput: number): void => {
    window.fired = true
    rows.push({ key: window.key, ...window.span, value: aggregated(aggregate, window.events), afterInput })
  }
  for (const [index, input] of test.input.entries()) {
    if (input.watermark !== undefined) {
      watermark = Math.max(watermark, input.watermark)
      for (const window of windows.values()) if (!window.fired && watermark >= window.span.end - 1) fire(window, index)
    }
    if (typeof input.ts !== 'number') continue
    const event: Taken = { index, key: String(input.key), ts: input.ts, value: input.value as number }
    const open = framesOf(event.ts, sizeMs, advanceMs).filter(({ end }) => end - 1 + lateness > watermark)
    if (open.length === 0) lateDropped.push(index)
    for (const span of open) {
      const id = idOf(event.key, span)
      const window = windows.get(id) ?? { span, key: event.key, events: [], fired: false }
      windows.set(id, window)
      window.events.push(event)
      if (watermark >= span.end - 1) fire(window, index)
    }
  }
  return { expect: rows, lateDropped }
}

/**
 * Sliding windows of Kafka Streams: for each event `[ts − size, ts]`, and `[ts + 1, ts + 1 + size]` where it holds an event; both
 * ends included. For events none of which is late for a part of its windows only.
 */
export function streamsSliding(test: Case): Answer {
  const { sizeMs = 0, graceMs = 0 } = test.window ?? {}
  const grace = graceMs ?? 0
  const { aggregate = '' } = test
  const taken: Taken[] = []
  const rows: CaseRow[] = []
  const lateDropped: number[] = []
  const told = new Set<string>()
  let streamTime = Number.NEGATIVE_INFINITY
  const windowsOf = (key: string): { span: Span; events: Taken[] }[] => {
    const own = taken.filter((event) => event.key === key)
    const starts = [...new Set(own.flatMap(({ ts }) => [ts - sizeMs, ts + 1]))].sort((a, b) => a - b)
    return starts.flatMap((start) => {
      const span = { start, end: start + sizeMs }
      const events = own.filter(({ ts }) => ts >= span.start && ts <= span.end)
      return events.length > 0 ? [{ span, events }] : []
    })
  }
  for (const [index, input] of test.input.entries()) {
    if (typeof input.ts !== 'number') continue
    const event: Taken = { index, key: String(input.key), ts: input.ts, value: input.value as number }
    streamTime = Math.max(streamTime, event.ts)
    const before = new Set(windowsOf(event.key).map(({ span }) => span.start))
    if (event.ts + sizeMs < streamTime - grace) {
      lateDropped.push(index)
      continue
    }
    if (event.ts < streamTime - grace) throw new RangeError('late for a part of its windows')
    taken.push(event)
    if (test.emit === 'update') {
      for (const { span, events } of windowsOf(event.key))
        if (!before.has(span.start) || (span.start <= event.ts && event.ts <= span.end))
          rows.push({ key: event.key, ...span, value: aggregated(aggregate, events), afterInput: index })
    } else
      for (const key of new Set(taken.map((one) => one.key)))
        for (const { span, events } of windowsOf(key))
          if (span.end < streamTime - grace && !told.has(idOf(key, span))) {
            told.add(idOf(key, span))
            rows.push({ key, ...span, value: aggregated(aggregate, events), afterInput: index })
          }
  }
  return { expect: rows, lateDropped }
}
