import { table } from '../stack/table.ts'
import type { Arrival, SourceReport, Unbalanced } from './counts.ts'
import type { Landed } from './landed.ts'

/** What was counted, as people read it. */
export function arrivalsText({ arrivals, unbalanced, unfinished }: SourceReport): string {
  if (arrivals.length === 0) return 'Nothing was taken yet: kappa ingest, kappa collect'
  const rows = arrivals.map(({ source, hour, topic, lines, events, deadLetters, found, stores, equal }) => [
    ...[source, `${hour}:00Z`, topic, String(lines)],
    found.events === events ? String(events) : `${found.events} of ${events}`,
    found.deadLetters === deadLetters ? String(deadLetters) : `${found.deadLetters} of ${deadLetters}`,
    ...['clickhouse', 's3'].map((name) => landedText(stores.find((one) => one.store === name))),
    equal ? 'equal' : 'DIFFERENT',
  ])
  const all = (each: (one: Arrival) => number) => arrivals.reduce((sum, one) => sum + each(one), 0)
  const sums = `${all(({ lines }) => lines)} lines = ${all(({ found }) => found.events)} events + ${all(({ found }) => found.deadLetters)} dead letters`
  return [
    table(['source', 'taken in', 'topic', 'lines', 'events', 'dead', 'clickhouse', 's3', ''], rows),
    ...unbalanced.map(
      (one) => `${one.source}: ${one.file}: ${one.lines} lines, ${one.found} found, ${one.twice} of them twice`,
    ),
    ...unfinished.map((one) => `${one} was begun and is not through: kappa ingest files goes on with it`),
    wrongText(arrivals, unbalanced, sums),
  ].join('\n')
}

const wrongText = (arrivals: readonly Arrival[], unbalanced: readonly Unbalanced[], sums: string): string =>
  unbalanced.length === 0 && arrivals.every(({ equal }) => equal) ? sums : `${sums}: NOT IN BALANCE`

function landedText(landed: Landed | undefined): string {
  if (landed === undefined) return '-'
  if (landed.behind > 0) return `${landed.behind} to come`
  if (landed.found === undefined) return 'in'
  return landed.equal === false ? `${landed.found} of ${landed.expected}` : 'all'
}
