import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Clock, systemClock } from '#engine/time'
import { CutLog } from './cut-log.ts'
import { sales, unavailable, world } from './delivery-fixture.ts'
import type { LaneEvent } from './lane-options.ts'
import { overdueOf } from './overdue.ts'
import { serveSink } from './server.ts'
import { Sink } from './sink.ts'

const DAY_MS = 86_400_000
const { contract } = sales
const kept = { ...sales, contract: { ...contract, topic: { ...contract.topic, retention: '10 days' } } }

const until = async (condition: () => boolean): Promise<void> => {
  for (let n = 0; n < 1_000 && !condition(); n++) await systemClock.sleep(10)
  assert.ok(condition(), 'it came to pass in time')
}

test('a cut that stays undone for half of the retention is an alarm, once, also where the sink was started since', async () => {
  const at = await world()
  let ahead = 0
  const clock: Clock = { now: () => systemClock.now() + ahead, sleep: (ms, signal) => systemClock.sleep(ms, signal) }
  at.store.fault = () => {
    throw unavailable()
  }
  const events: LaneEvent[] = []
  const { app, broker, registry, destination } = at.options()
  const started = async () => {
    const sink = new Sink({
      ...{ app, broker, registry, destination, clock },
      topics: [kept],
      limits: { rows: 50_000, bytes: 32 * 1024 * 1024, ageMs: 20 },
      notify: (_, event) => {
        if (event.kind === 'overdue') events.push(event)
      },
    })
    const stop = new AbortController()
    const running = sink.run(stop.signal)
    const stopped = async () => {
      stop.abort()
      await running
    }
    return { sink, stopped }
  }
  at.sell(7)
  const first = await started()
  await until(() => first.sink.status.some(({ cut }) => cut === 1))
  ahead = 5 * DAY_MS - 60_000
  await systemClock.sleep(2_200)
  assert.deepEqual(events, [])
  ahead = 5 * DAY_MS + 60_000
  await until(() => events.length > 0)
  assert.match(
    JSON.stringify(events),
    /^\[\{"kind":"overdue","reason":"cut 1 of test.sales.v1 lane 0: 7 records, .* not in memory yet/,
  )
  const server = await serveSink(first.sink, 0)
  const metrics = await (await fetch(`http://127.0.0.1:${server.port}/metrics`)).text()
  assert.match(metrics, /kappa_sink_cut_overdue\{sink="memory",topic="test.sales.v1",lane="0",generation="1"\} 1/)
  await server.close()
  await first.stopped()

  const second = await started()
  await until(() => events.length > 1)
  at.store.fault = undefined
  await until(() => second.sink.status.every(({ overdue }) => overdue === undefined))
  await until(() => at.store.rows.length === 7)
  await second.stopped()
  assert.equal(events.length, 2)

  const log = new CutLog({ sink: 'memory', broker, clock })
  const [done] = await log.all()
  await log.close()
  assert.ok(done)
  assert.equal(
    overdueOf({ ...done, state: 'decided' }, sales, clock.now() + 1_000 * DAY_MS),
    undefined,
    'kept for ever',
  )
  assert.equal(overdueOf(done, kept, clock.now() + 1_000 * DAY_MS), undefined, 'done')
})
