import { quantile } from '../latency/table.ts'

/** A purchase that is followed: it alone has its currency, so that one row of every table is its own. Times: `performance.now()`. */
export interface Mark {
  /** Its currency. */
  readonly code: string
  /** What its figure is then: its amount, two places. */
  readonly revenue: string
  /** Milliseconds since 1970, as the source says it. */
  readonly eventTime: number
  /** When it was to be sent. */
  readonly due: number
  /** False while everything is warming up. */
  readonly counts: boolean
  /** When the broker had acknowledged it. */
  accepted?: number
}

/** When each mark was first seen in a place, by its code. */
export type Sightings = ReadonlyMap<string, number>

export interface Places {
  readonly topic: Sightings
  readonly stream: Sightings
  readonly clickhouse: Sightings
  readonly api: Sightings
}

/** One part of the way, or all of it; milliseconds. */
export interface Hop {
  readonly hop: string
  readonly marks: number
  readonly p50: number
  readonly p99: number
  readonly most: number
}

/** Of `processors/revenue-per-minute.ts`. */
const SIZE_MS = 60_000
const GRACE_MS = 30_000

/** The event time that closes the minute of this one: from then on the processor may publish it. */
export const closesAt = (eventTime: number): number => (Math.floor(eventTime / SIZE_MS) + 1) * SIZE_MS + GRACE_MS

interface Way extends Record<'due' | 'accepted' | 'closed' | 'result' | 'row' | 'figure' | 'streamed', number> {}

const hops: readonly (readonly [string, (way: Way) => number])[] = [
  ['due at the source → accepted by Kafka', ({ due, accepted }) => accepted - due],
  ['accepted → its minute and grace are over (event time)', ({ accepted, closed }) => closed - accepted],
  ['minute over → result on the results topic', ({ closed, result }) => result - closed],
  ['result → row visible in ClickHouse', ({ result, row }) => row - result],
  ['row → figure in the API’s answer', ({ row, figure }) => figure - row],
  ['**whole: due → figure in the API’s answer**', ({ due, figure }) => figure - due],
  [
    '**whole without the wait for the minute**',
    ({ due, accepted, closed, figure }) => accepted - due + (figure - closed),
  ],
  ['beside: result → event of `/live`', ({ result, streamed }) => streamed - result],
  [
    'beside: whole to `/live` without the wait',
    ({ due, accepted, closed, streamed }) => accepted - due + (streamed - closed),
  ],
]

export interface Measured {
  readonly hops: readonly Hop[]
  /** Marks that counted, and those of them that were not seen everywhere. */
  readonly marks: number
  readonly missing: readonly string[]
}

/**
 * Each hop of all marks that count and were seen everywhere.
 * @param reached when event time came to a time in every partition of the source; undefined where it has not
 */
export function measured(
  marks: readonly Mark[],
  places: Places,
  reached: (eventTime: number) => number | undefined,
): Measured {
  const counted = marks.filter(({ counts }) => counts)
  const missing: string[] = []
  const ways: Way[] = []
  for (const { code, due, eventTime, accepted } of counted) {
    const closed = reached(closesAt(eventTime))
    const result = places.topic.get(code)
    const row = places.clickhouse.get(code)
    const figure = places.api.get(code)
    const streamed = places.stream.get(code)
    if (
      accepted === undefined ||
      closed === undefined ||
      result === undefined ||
      row === undefined ||
      figure === undefined ||
      streamed === undefined
    )
      missing.push(code)
    else ways.push({ due, accepted, closed, result, row, figure, streamed })
  }
  return { hops: hops.map(([hop, of]) => hopOf(hop, ways.map(of))), marks: counted.length, missing }
}

function hopOf(hop: string, times: readonly number[]): Hop {
  const sorted = times.toSorted((a, b) => a - b)
  const [p50, p99, most] = [quantile(sorted, 0.5), quantile(sorted, 0.99), sorted.at(-1) ?? Number.NaN]
  return { hop, marks: sorted.length, p50, p99, most }
}

/** As Markdown. */
export const hopTable = (found: readonly Hop[]): string =>
  [
    '| hop | p50 ms | p99 ms | most ms |',
    '|---|---|---|---|',
    ...found.map(
      ({ hop, p50, p99, most }) => `| ${hop} | ${p50.toFixed(0)} | ${p99.toFixed(0)} | ${most.toFixed(0)} |`,
    ),
  ].join('\n')
