import type { Case, CaseRow } from '../cases.ts'
import { Ambiguous, aggregated, type Taken } from './aggregates.ts'

/** Sessions of Kafka Streams and of Flink, by the conventions of the samples: lists of events, merged by trying all. */
type Answer = Pick<Case, 'expect' | 'lateDropped'>

interface Session {
  readonly key: string
  first: number
  last: number
  events: Taken[]
  told: boolean
}

const joined = (event: Taken, found: readonly Session[]): Session => ({
  key: event.key,
  first: Math.min(event.ts, ...found.map(({ first }) => first)),
  last: Math.max(event.ts, ...found.map(({ last }) => last)),
  // In the order in which they came.
  events: [...found.flatMap(({ events }) => events), event].sort((a, b) => a.index - b.index),
  told: false,
})

/** Kafka Streams: a session is open while `last ≥ streamTime − grace − gap`; an event at most one gap away joins it. */
export function streamsSessions(test: Case): Answer {
  const { gapMs = 0, graceMs = 0 } = test.window ?? {}
  const { aggregate = '' } = test
  let sessions: Session[] = []
  const closed: Session[] = []
  const rows: CaseRow[] = []
  const lateDropped: number[] = []
  let streamTime = Number.NEGATIVE_INFINITY
  for (const [index, input] of test.input.entries()) {
    if (typeof input.ts !== 'number') continue
    const event: Taken = { index, key: String(input.key), ts: input.ts, value: input.value as number }
    streamTime = Math.max(streamTime, event.ts)
    const openFrom = streamTime - (graceMs ?? 0) - gapMs
    const isOpen = ({ last }: Session): boolean => last >= openFrom
    const near = ({ key, first, last }: Session): boolean =>
      key === event.key && event.ts >= first - gapMs && event.ts <= last + gapMs
    closed.push(...sessions.filter((one) => !isOpen(one)))
    for (const one of sessions.filter((session) => !isOpen(session)))
      if (test.emit === 'final') rows.push(rowOf(one, index))
    sessions = sessions.filter(isOpen)
    const found = sessions.filter(near).sort((a, b) => a.first - b.first)
    const merged = joined(event, found)
    if (!isOpen(merged)) {
      lateDropped.push(index)
      continue
    }
    // Kafka Streams would reopen it where its store still has it.
    if (closed.some(near)) throw new Ambiguous()
    sessions = [...sessions.filter((one) => !found.includes(one)), merged]
    if (test.emit !== 'update') continue
    if (merged.first !== event.ts || merged.last !== event.ts)
      for (const { key, first, last } of found)
        rows.push({ key, start: first, end: last, value: null, afterInput: index })
    rows.push(rowOf(merged, index))
  }
  return { expect: rows, lateDropped }

  function rowOf({ key, first, last, events }: Session, afterInput: number): CaseRow {
    return { key, start: first, end: last, value: aggregated(aggregate, events), afterInput }
  }
}

/**
 * Flink: a session is `[first, last + gap)`; sessions that touch are one. It fires when the watermark reaches its end − 1, and at each
 * event that joins it after that; it is gone when the watermark reaches end − 1 + lateness. An event is late when the
 * session that it would be in is gone.
 */
export function flinkSessions(test: Case): Answer {
  const { gapMs = 0, graceMs = 0 } = test.window ?? {}
  const { aggregate = '' } = test
  let sessions: Session[] = []
  const rows: CaseRow[] = []
  const lateDropped: number[] = []
  let watermark = Number.NEGATIVE_INFINITY
  const isOver = ({ last }: Session): boolean => last + gapMs - 1 <= watermark
  const isGone = ({ last }: Session): boolean => last + gapMs - 1 + (graceMs ?? 0) <= watermark
  const fire = (session: Session, afterInput: number): void => {
    const { key, first, last, events } = session
    session.told = true
    rows.push({ key, start: first, end: last + gapMs, value: aggregated(aggregate, events), afterInput })
  }
  for (const [index, input] of test.input.entries()) {
    if (input.watermark !== undefined) {
      watermark = Math.max(watermark, input.watermark)
      for (const one of sessions) if (!one.told && isOver(one)) fire(one, index)
      sessions = sessions.filter((one) => !isGone(one))
    }
    if (typeof input.ts !== 'number') continue
    const event: Taken = { index, key: String(input.key), ts: input.ts, value: input.value as number }
    const found = sessions.filter(
      ({ key, first, last }) => key === event.key && event.ts >= first - gapMs && event.ts <= last + gapMs,
    )
    const merged = joined(event, found)
    if (isGone(merged)) {
      lateDropped.push(index)
      continue
    }
    sessions = [...sessions.filter((one) => !found.includes(one)), merged]
    if (isOver(merged)) fire(merged, index)
  }
  return { expect: rows, lateDropped }
}
