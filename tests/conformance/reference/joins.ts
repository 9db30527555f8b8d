import type { Case, CasePair } from '../cases.ts'

/** Joins by trying every pair and every version; nothing of the engine. */
type Answer = Pick<Case, 'expect'>

interface Seen {
  readonly index: number
  readonly side: string
  readonly key: string
  readonly ts: number
  readonly value: unknown
}

const seen = (test: Case): Seen[] =>
  test.input.flatMap(({ side = '', key, ts, value }, index) =>
    typeof ts === 'number' ? [{ index, side, key: String(key), ts, value: value ?? null }] : [],
  )

/** Each pair once, at the input that makes it; pairs of one input in the order of the other side's times. */
export function innerJoin(test: Case): Answer {
  const { beforeMs = 0, afterMs = 0 } = test.window ?? {}
  const events = seen(test)
  const expect: CasePair[] = []
  for (const event of events) {
    const others = events
      .filter(({ index, side, key }) => index < event.index && side !== event.side && key === event.key)
      .sort((a, b) => a.ts - b.ts || a.index - b.index)
    for (const other of others) {
      const [left, right] = event.side === 'left' ? [event, other] : [other, event]
      if (right.ts < left.ts - beforeMs || right.ts > left.ts + afterMs) continue
      const ts = Math.max(left.ts, right.ts)
      expect.push({ key: event.key, ts, value: [left.value, right.value], afterInput: event.index })
    }
  }
  return { expect }
}

/**
 * Kafka Streams' left join of events that come in order: a left event without a partner is a row with null once `ts + after +
 * grace < streamTime`; such rows come before those of the event that moved time.
 */
export function leftJoin(test: Case): Answer {
  const { afterMs = 0, graceMs = 0 } = test.window ?? {}
  const pairs = innerJoin(test).expect as readonly CasePair[]
  const events = seen(test)
  const matched = new Set(pairs.map(({ key, value }) => JSON.stringify([key, value[0]])))
  const alone = events.filter(({ side, key, value }) => side === 'left' && !matched.has(JSON.stringify([key, value])))
  const expect: CasePair[] = []
  for (const { index, ts } of events) {
    for (const left of alone)
      if (
        left.index < index &&
        left.ts + afterMs + (graceMs ?? 0) < ts &&
        !expect.some(({ value }) => value[0] === left.value)
      )
        expect.push({ key: left.key, ts: left.ts, value: [left.value, null], afterInput: index })
    expect.push(...pairs.filter(({ afterInput }) => afterInput === index))
  }
  return { expect }
}

/**
 * A stream with a versioned table: the latest version up to the event's time, of those written when it is looked up. With a
 * grace an event waits until stream time, which stream events alone move, has come to its time and the grace.
 */
export function tableJoin(test: Case): Answer {
  const grace = test.window?.type === 'asof-join' ? 0 : (test.window?.graceMs ?? 0)
  const expect: CasePair[] = []
  const versions: Seen[] = []
  let waiting: Seen[] = []
  let streamTime = Number.NEGATIVE_INFINITY
  for (const event of seen(test)) {
    if (event.side === 'table' || event.side === 'right') {
      versions.push(event)
      continue
    }
    streamTime = Math.max(streamTime, event.ts)
    waiting.push(event)
    const due = waiting.filter(({ ts }) => ts + grace <= streamTime).sort((a, b) => a.ts - b.ts || a.index - b.index)
    waiting = waiting.filter((one) => !due.includes(one))
    for (const { key, ts, value } of due) {
      const found = versions
        .filter((version) => version.key === key && version.ts <= ts)
        .reduce<Seen | undefined>(
          (last, version) => (last === undefined || version.ts >= last.ts ? version : last),
          undefined,
        )
      const right = found?.value ?? null
      if (right !== null || test.join === 'left')
        expect.push({ key, ts, value: [value, right], afterInput: event.index })
    }
  }
  return { expect }
}
