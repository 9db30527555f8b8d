import type { OutputRecord } from '#engine/compile'
import { type Case, type CaseRow, Mismatch, same } from '../cases.ts'
import type { Emitted } from './rows.ts'

const groupOf = ({ key, start }: CaseRow): string => `${String(key)} from ${start}`
/** End and value, as far as the case names them. */
const plain = (list: readonly CaseRow[], as: readonly CaseRow[]) =>
  list.map(({ end, value }, n) => ({
    ...(as[n] && !('end' in as[n]) ? {} : { end }),
    ...(as[n] && !('value' in as[n]) ? {} : { value }),
  }))

/** Rows in emission order per (key, start), and what was dropped; throws Mismatch where the case says otherwise. */
export function compare(test: Case, emitted: readonly Emitted[], late: readonly OutputRecord[]): void {
  if (test.expectAsserted !== false && test.emit !== 'drops-only')
    compareRows(test.expect as readonly CaseRow[], emitted)
  const offsetOf = (record: OutputRecord): number => Number(record.headers?.offset?.toString())
  const dropped = late.filter(({ headers }) => headers?.reason?.toString() === 'late').map(offsetOf)
  if (test.lateDropped && test.emit !== 'state' && !same(ascending(test.lateDropped), ascending(dropped)))
    throw new Mismatch('dropped as late', test.lateDropped, dropped)
  if (!test.lateWindowDrops) return
  const windows = late.flatMap((record) =>
    (record.headers?.windows?.toString() ?? '')
      .split(',')
      .map((window) => ({ inputIndex: offsetOf(record), window: window.split('/').map(Number) })),
  )
  if (!same(test.lateWindowDrops, windows)) throw new Mismatch('windows missed', test.lateWindowDrops, windows)
}

const ascending = (indexes: readonly number[]): number[] => [...indexes].sort((a, b) => a - b)

function compareRows(rows: readonly CaseRow[], emitted: readonly Emitted[]): void {
  for (const group of new Set([...rows, ...emitted].map(groupOf))) {
    const expected = rows.filter((row) => groupOf(row) === group)
    const got = emitted.filter((row) => groupOf(row) === group)
    const wanted = plain(expected, expected)
    const shown = plain(got, expected)
    if (!same(wanted, shown)) throw new Mismatch(group, wanted, shown)
    expected.forEach((row, n) => {
      const after = got[n]?.afterInput ?? -1
      if (row.afterInput !== undefined && row.afterInput !== after)
        throw new Mismatch(`${group} after input`, row.afterInput, after)
      if (row.byInput !== undefined && row.byInput < after) throw new Mismatch(`${group} by input`, row.byInput, after)
    })
  }
}
