import assert from 'node:assert/strict'
import { test } from 'node:test'
import { processor } from '#engine'
import { at, contract, header, opened, timeOf } from './page-fixture.ts'

/*
 * 13. Order behind a re-key
 *
 * Events of one key stand on one partition, in order. Grouped by something else, they come from several partitions, and which
 * of these is read first is chance. A sum does not care; a state machine does. So an operator that depends on order names a
 * `grace`: its rows are held until no partition can bring an earlier one, and are then taken in the order of event time.
 */
interface Scan {
  readonly parcel: string
  readonly van: string
  readonly what: string
  readonly scannedAt: number
}
const scans = contract<Scan>(
  'depot.scans.v1',
  { key: 'parcel', time: 'scannedAt' },
  { parcel: 'text', van: 'text', what: 'text', scannedAt: 'time' },
)
interface Load {
  readonly van: string
  readonly parcels: number
  readonly changedAt: number
}
const loads = contract<Load>(
  'depot.van-loads.v1',
  { key: 'van', time: 'changedAt', id: [] },
  { van: 'text', parcels: 'long', changedAt: 'time' },
)

/* Scans are keyed by parcel; how full a van is depends on all its parcels. Without the grace this would not build. */
const plan = processor('van-loads', ({ from }) =>
  from(scans)
    .keyBy('van')
    .process({
      name: 'load',
      reads: ['what'],
      grace: '1 minute',
      state: { initial: () => ({ parcels: 0 }) },
      onEvent({ key, eventTime }, { what }, state) {
        state.parcels += what === 'loaded' ? 1 : -1
        return { van: key.van, parcels: state.parcels, changedAt: eventTime }
      },
    })
    .to(loads),
)

const scan = (parcel: string, what: string, time: string): Scan => ({ parcel, van: 'van-1', what, scannedAt: at(time) })
/** Parcels that stand on different partitions. */
const morning = [
  scan('p1', 'loaded', '12:00:00'),
  scan('p2', 'loaded', '12:00:30'),
  scan('p1', 'delivered', '12:01:00'),
  scan('p3', 'loaded', '12:01:30'),
  scan('p2', 'delivered', '12:02:00'),
]
const later = ['p1', 'p2', 'p3', 'p4', 'p5', 'p6'].map((parcel) => scan(parcel, 'loaded', '13:00:00'))
const expected = [
  ['12:00:00', 1],
  ['12:00:30', 2],
  ['12:01:00', 1],
  ['12:01:30', 2],
  ['12:02:00', 1],
]

for (const seed of [1, 2, 3, 4, 5])
  test(`a van is never emptier than it was, whichever partition comes first (${seed})`, async () => {
    const page = await opened(plan, { partitions: 3, seed })
    page.write(scans, ...morning)
    if (seed % 2 === 0) page.driven.crashAt('commit', seed, 2)
    await page.run()
    // Nothing yet: a partition that is behind could still bring something earlier.
    assert.deepEqual(page.rows(loads), [])
    page.write(scans, ...later)
    await page.run()
    assert.ok(new Set(page.driven.read(scans.name).map(({ partition }) => partition)).size > 1)
    assert.deepEqual(
      page.rows(loads).map(({ changedAt, parcels }) => [timeOf(changedAt), parcels]),
      expected,
    )
  })

test('an event that is later than the grace, by its own partition, is late by name', async () => {
  const page = await opened(plan, { partitions: 3 })
  page.write(scans, scan('p1', 'loaded', '12:10:00'), scan('p1', 'delivered', '12:08:59'))
  await page.run()
  const [late] = page.late()
  assert.equal(header(late, 'reason'), 'late')
  assert.equal(header(late, 'lateness'), '61000')
})
