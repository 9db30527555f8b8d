import assert from 'node:assert/strict'
import { test } from 'node:test'
import { processor } from '#engine'
import { at, contract, opened, timeOf } from './page-fixture.ts'

/*
 * 4. A stateful operator with timers
 *
 * Where windows and joins do not say it: state of your own per key, and timers in event time. Here: a parcel that was sent
 * and not delivered within two days is missing. "A without B within T" is always this shape.
 */
interface Scan {
  readonly parcel: string
  readonly what: string
  readonly scannedAt: number
}
const scans = contract<Scan>(
  'post.scans.v1',
  { key: 'parcel', time: 'scannedAt' },
  { parcel: 'text', what: 'text', scannedAt: 'time' },
)
interface Missing {
  readonly parcel: string
  readonly lastSeenAt: number
  readonly missingAt: number
}
const missing = contract<Missing>(
  'post.missing-parcels.v1',
  { key: 'parcel', time: 'missingAt', id: ['parcel', 'missingAt'] },
  { parcel: 'text', lastSeenAt: 'time', missingAt: 'time' },
)
const TWO_DAYS = 2 * 86_400_000

/*
 * `name` names the state where it is kept: the code may change, the name stays. `reads` names the fields that the functions
 * may see. State is plain data, changed in place; a function that throws leaves it as it was.
 */
const plan = processor('missing-parcels', ({ from }) =>
  from(scans)
    .keyBy('parcel')
    .process({
      name: 'parcel',
      reads: ['what'],
      state: { initial: () => ({ lastSeenAt: 0 }) },
      onEvent({ eventTime, setTimer, clearTimer, remove }, { what }, parcel) {
        clearTimer(parcel.lastSeenAt + TWO_DAYS)
        parcel.lastSeenAt = eventTime
        if (what === 'delivered') remove()
        else setTimer(eventTime + TWO_DAYS)
        return []
      },
      onTimer({ key, eventTime, remove }, { lastSeenAt }) {
        remove()
        return { parcel: key.parcel, lastSeenAt, missingAt: eventTime }
      },
    })
    .to(missing),
)

test('a timer fires when stream time has come to it, at the time it was set for', async () => {
  const page = await opened(plan)
  const scan = (parcel: string, what: string, time: string, days = 0): Scan => ({
    parcel,
    what,
    scannedAt: at(time) + days * 86_400_000,
  })
  page.write(scans, scan('a', 'sent', '08:00:00'), scan('b', 'sent', '09:00:00'), scan('b', 'delivered', '17:00:00', 1))
  await page.run()
  assert.deepEqual(page.rows(missing), [])

  // Somebody else's parcel moves time on. b was delivered; a is missing since two days after it was seen.
  page.write(scans, scan('c', 'sent', '12:00:00', 3))
  await page.run()
  const [row, ...others] = page.rows(missing)
  assert.deepEqual([row?.parcel, row?.missingAt, others], ['a', at('08:00:00') + TWO_DAYS, []])
  assert.equal(timeOf(row?.lastSeenAt ?? 0), '08:00:00')
  // What was removed is gone from the state: only c is still under way.
  assert.equal(page.driven.stage('missing-parcels.source', 0).stateEntries, 1)
})
