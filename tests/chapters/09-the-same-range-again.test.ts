import assert from 'node:assert/strict'
import { test } from 'node:test'
import { count, processor, tumbling } from '#engine'
import { generationTopic, names, readRecordedTime, runBounded } from '#engine/runtime'
import { at, contract, opened, type Page } from './page-fixture.ts'

/*
 * 9. The same range again gives the same result
 *
 * A batch is a replay: the same code over a range of the same topics, into a *generation* of its own, beside what is live.
 * As nothing but events and what was written down about time decides, the same code over the same range gives the same
 * rows, value byte by value byte. `kappa replay run` does what this page does; `kappa replay promote` makes it live.
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
const plan = processor('visits-per-minute', ({ from }) =>
  from(visits, { idleAfter: '5 seconds' })
    .keyBy('site')
    .window(tumbling({ size: '1 minute', grace: '10 seconds' }))
    .aggregate({ visits: count() })
    .emit('on-close')
    .to(perMinute),
)

/** Generation 2 of the page's processor over everything there is, as a job that ends. */
async function replayed({ driven }: Page): Promise<void> {
  const { broker, deployment } = driven
  const ends = await broker.admin.committedEnds(visits.name)
  await runBounded({
    broker,
    deployment: { ...deployment, generation: 2, topicOf: (name) => generationTopic(name, 2) },
    bounds: new Map([[visits.name, ends.map((end) => ({ start: 0, end }))]]),
    recorded: await readRecordedTime(broker, names.time(deployment)),
  })
}

test('a replay gives the rows that were told live: also those that silence closed, and without what was late', async () => {
  const page = await opened(plan, { partitions: 2 })
  for (let n = 0; n < 200; n++) {
    // Out of order by up to eighty seconds: some are late.
    const visitedAt = at('12:00:00') + n * 2_000 - (n % 11) * 8_000
    page.write(visits, { site: `site ${n % 5}`, visitedAt })
    if (n % 50 === 49) await page.pass('2 minutes')
  }
  await page.pass('10 minutes')
  await replayed(page)

  const bytes = (topic: string) => page.driven.read(topic).map(({ partition, key, value }) => [partition, key, value])
  const live = bytes(perMinute.name)
  assert.ok(live.length > 20)
  assert.ok(page.late().length > 0)
  assert.deepEqual(bytes(generationTopic(perMinute.name, 2)), live)
})
