import assert from 'node:assert/strict'
import { test } from 'node:test'
import { count, type Plan, processor, tumbling } from '#engine'
import { at, contract, opened, timeOf } from './page-fixture.ts'

/*
 * 10. Reading results
 *
 * A result's contract names its *identity*: the fields that say which row it is, here the site and the minute. A later record
 * of the same identity replaces the earlier one. `emit('on-close')` tells each window once, when it is final: right for
 * whoever cannot take a word back. `emit('on-update')` tells it at every change: right for a screen. Both end alike.
 */
interface Visit {
  readonly site: string
  readonly visitedAt: number
}
const visits = contract<Visit>('web.visits.v1', { key: 'site', time: 'visitedAt' }, { site: 'text', visitedAt: 'time' })
interface PerMinute {
  readonly site: string
  readonly windowStart: number
  readonly windowEnd: number
  readonly visits: number
}
const perMinute = contract<PerMinute>(
  'web.visits-per-minute.v1',
  { kind: 'results', key: 'site', time: 'windowStart', id: ['site', 'windowStart'] },
  { site: 'text', windowStart: 'time', windowEnd: 'time', visits: 'long' },
)
const planned = (mode: 'on-close' | 'on-update'): Plan =>
  processor('visits-per-minute', ({ from }) =>
    from(visits)
      .keyBy('site')
      .window(tumbling({ size: '1 minute', grace: '0 seconds' }))
      .aggregate({ visits: count() })
      .emit(mode)
      .to(perMinute),
  )

async function told(mode: 'on-close' | 'on-update'): Promise<PerMinute[]> {
  const page = await opened(planned(mode))
  const times = ['12:00:00', '12:00:20', '12:00:40', '12:01:10', '12:02:00']
  page.write(visits, ...times.map((time) => ({ site: 'home', visitedAt: at(time) })))
  await page.run()
  return page.rows(perMinute)
}

/** The last row of each identity: what the table in ClickHouse shows under `…_latest`. */
const latest = (rows: readonly PerMinute[]): Map<string, number> =>
  new Map(rows.map((row) => [`${row.site} ${timeOf(row.windowStart)}`, row.visits]))

test('on-close: each window once, and final', async () => {
  assert.deepEqual(
    (await told('on-close')).map((row) => row.visits),
    [3, 1],
  )
})

test('on-update: a row at every change, also of the window that is still open', async () => {
  assert.deepEqual(
    (await told('on-update')).map((row) => row.visits),
    [1, 2, 3, 1, 1],
  )
})

test('the last row of each identity is the same in both, for every window that is closed', async () => {
  const updated = latest(await told('on-update'))
  for (const [identity, number] of latest(await told('on-close'))) assert.equal(updated.get(identity), number)
  assert.deepEqual([...updated.keys()], ['home 12:00:00', 'home 12:01:00', 'home 12:02:00'])
})
