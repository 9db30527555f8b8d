import { table } from '../stack/table.ts'
import type { Explained, ExplainedLine, LeftOutLine } from './explained.ts'
import type { Settled } from './settled.ts'

const shown = (value: unknown): string =>
  value === undefined ? '-' : value === null ? 'null' : typeof value === 'string' ? value : JSON.stringify(value)

const amounts = (of: Readonly<Record<string, unknown>>): string =>
  Object.entries(of)
    .map(([column, amount]) => `${column} ${shown(amount)}`)
    .join(', ')

/** What people read: the figure, its events, what was left out, and whether it adds up. @param limit of each list */
export function explainedText(found: Explained, limit: number): string {
  const { columns, events, leftOut, dead, pending, window } = found
  const span = window === null ? '' : `, ${window.start} to ${window.end}`
  return [
    `${found.table}: ${found.row}${span}`,
    `  ${found.standing}`,
    '',
    table(
      ['column', 'figure', 'its events', 'made again', ''],
      columns.map(({ column, figure, added, made, equal }) => [
        column,
        shown(figure),
        shown(added),
        shown(made),
        equal ? '' : 'DIFFERS',
      ]),
    ),
    '',
    ...found.lineage.map(({ column, from, by }) => `  ${column} ← ${from}${by === '' ? '' : ` (${by})`}`),
    '',
    `${events.length} events made it`,
    ...some(events, limit, eventText),
    ...(leftOut.length === 0
      ? ['nothing of its window and key was left out']
      : [`${leftOut.length} events were left out`]),
    ...Object.entries(found.reasons).map(
      ([reason, { events: many, amounts: sums }]) =>
        `  ${many} × ${reason}${Object.keys(sums).length === 0 ? '' : `: ${amounts(sums)}`}`,
    ),
    ...some(leftOut, limit, leftOutText),
    ...(dead.length === 0 ? [] : [`${dead.length} records were rejected by the processor`]),
    ...some(
      dead,
      limit,
      (one) =>
        `${one.at}  ${one.eventTime ?? 'no time'}  ${one.step}: ${one.reason}${one.isCertain ? '' : ' (may be of this row)'}`,
    ),
    ...(pending.length === 0 ? [] : [`${pending.length} events are pending: in the topics, beyond what was taken`]),
    ...some(pending, limit, eventText),
    ...(found.settled === null ? [] : settledText(found.settled, limit)),
    ...found.before.map((line) => `before it: ${line}`),
  ].join('\n')
}

function settledText({ corrections, columns, standing }: Settled, limit: number): readonly string[] {
  if (corrections.length === 0) return standing === '' ? [] : [standing]
  return [
    `${corrections.length} ${corrections.length === 1 ? 'correction was' : 'corrections were'} posted by kappa settle: ${standing}`,
    ...some(corrections, limit, ({ correctionId, amounts: own }) => `${correctionId}  ${amounts(own)}`),
    table(
      ['column', 'figure', 'corrections', 'settled', 'its events and the late ones', ''],
      columns.map(({ column, figure, corrections: posted, settled, events, equal }) => [
        ...[column, shown(figure), shown(posted), shown(settled), shown(events)],
        equal ? '' : 'DIFFERS',
      ]),
    ),
  ]
}

function some<T>(all: readonly T[], limit: number, line: (one: T) => string): readonly string[] {
  const rest = all.length - limit
  return [
    ...all.slice(0, limit).map((one) => `  ${line(one)}`),
    ...(rest > 0 ? [`  … and ${rest} more (--limit ${all.length})`] : []),
  ]
}

const eventText = ({ at, eventTime, amounts: own }: ExplainedLine): string => `${at}  ${eventTime}  ${amounts(own)}`

const leftOutText = (one: LeftOutLine): string =>
  `${eventText(one)}${Object.keys(one.amounts).length === 0 ? '' : '  '}${one.reason}${one.isCertain ? '' : ' (may be of this row)'}`
