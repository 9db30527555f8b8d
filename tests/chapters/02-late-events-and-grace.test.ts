import assert from 'node:assert/strict'
import { test } from 'node:test'
import { count, processor, tumbling } from '#engine'
import { at, contract, header, opened, timeOf } from './page-fixture.ts'

/*
 * 2. Event time, late events and grace
 *
 * Events arrive in another order than they happened. A task's *stream time* is the largest event time it has taken so far,
 * over all keys; only it opens and closes windows. *Grace* is how far behind stream time an event may be and still count.
 * It has no default: the longer, the fewer events are late, and the later the result comes.
 */
interface Click {
  readonly page: string
  readonly clickedAt: number
}
const clicks = contract<Click>('web.clicks.v1', { key: 'page', time: 'clickedAt' }, { page: 'text', clickedAt: 'time' })
const click = (time: string): Click => ({ page: '/', clickedAt: at(time) })

interface ClicksPerMinute {
  readonly page: string
  readonly windowStart: number
  readonly windowEnd: number
  readonly clicks: number
}
const clicksPerMinute = contract<ClicksPerMinute>(
  'web.clicks-per-minute.v1',
  { kind: 'results', key: 'page', time: 'windowStart', id: ['page', 'windowStart'] },
  { page: 'text', windowStart: 'time', windowEnd: 'time', clicks: 'long' },
)

const plan = processor('clicks-per-minute', ({ from }) =>
  from(clicks, { maxAhead: '1 hour' })
    .keyBy('page')
    .window(tumbling({ size: '1 minute', grace: '30 seconds' }))
    .aggregate({ clicks: count() })
    .emit('on-close')
    .to(clicksPerMinute),
)

test('within the grace an event counts, whenever it comes', async () => {
  const page = await opened(plan)
  // The minute of 12:00 is over at 12:01:00, but stays open until stream time has come to 12:01:30.
  page.write(clicks, click('12:00:10'), click('12:01:29'), click('12:00:59'), click('12:01:30'))
  await page.run()
  assert.deepEqual(
    page.rows(clicksPerMinute).map(({ windowStart, clicks: number }) => [timeOf(windowStart), number]),
    [['12:00:00', 2]],
  )
})

test('behind the grace it is late: a window that was told never changes, and the event is not lost', async () => {
  const page = await opened(plan)
  page.write(clicks, click('12:00:10'), click('12:01:30'), click('12:00:59'), click('12:05:00'))
  await page.run()
  assert.deepEqual(page.rows(clicksPerMinute)[0]?.clicks, 1)
  // It stands on the processor's late topic as it came, with the reason and how late it was.
  const [late] = page.late()
  assert.equal(header(late, 'reason'), 'late')
  assert.equal(header(late, 'lateness'), '31000')
  assert.equal(header(late, 'windows'), `${at('12:00:00')}/${at('12:01:00')}`)
})

test('a clock that runs ahead does not close everyone’s windows', async () => {
  // One telephone lives in next year. Without `maxAhead` its click would close every window there is.
  const page = await opened(plan, { now: '12:00:30' })
  page.write(clicks, click('12:00:10'), { page: '/', clickedAt: at('12:00:10') + 365 * 86_400_000 }, click('12:00:20'))
  await page.run()
  assert.deepEqual(
    page.late().map((record) => header(record, 'reason')),
    ['future'],
  )
  assert.equal(page.driven.stage('clicks-per-minute.source', 0).streamTime, at('12:00:20'))
})
