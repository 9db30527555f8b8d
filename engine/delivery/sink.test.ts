import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '#engine/time'
import type { StoreHealth } from './breaker.ts'
import { CutLog } from './cut-log.ts'
import { sales, unavailable, world } from './delivery-fixture.ts'
import type { LaneEvent } from './lane-options.ts'
import { serveSink } from './server.ts'
import { Sink } from './sink.ts'

const until = async (condition: () => boolean): Promise<void> => {
  for (let n = 0; n < 1_000 && !condition(); n++) await systemClock.sleep(10)
  assert.ok(condition(), 'it came to pass in time')
}

test('a store that is away: one message, bounded memory, reading on hold, and every row once when it is back', async () => {
  const at = await world()
  const events: LaneEvent[] = []
  const told: StoreHealth[] = []
  const memoryBytes = 60_000
  let tries = 0
  let away = true
  at.store.fault = () => {
    tries++
    if (away) throw unavailable()
  }
  const { app, broker, registry, destination, clock } = at.options()
  const sink = new Sink({
    ...{ app, broker, registry, destination, clock, memoryBytes },
    topics: [sales],
    limits: { rows: 1_000_000, bytes: 1_000_000_000, ageMs: 50 },
    lanes: 3,
    notify: (_, event) => events.push(event),
    onStore: (health) => told.push(health),
  })
  const stop = new AbortController()
  at.sell(30)
  const running = sink.run(stop.signal)
  await until(() => told.length === 1)
  assert.equal(sink.health.state === 'closed', false)
  let sold = 30
  for (let n = 0; n < 10; n++) {
    at.sell(600, sold)
    sold += 600
    await systemClock.sleep(20)
  }
  await until(() => sink.memory.used >= memoryBytes)
  const largest = sink.memory.used
  await systemClock.sleep(300)
  assert.equal(sink.memory.used, largest, 'nothing is read while memory is spent')
  assert.ok(largest < 4 * memoryBytes, `${largest} bytes are held`)
  assert.ok(
    sink.status.every(({ state, reason }) => state === 'waiting' && /memory does not answer/.test(reason ?? '')),
  )
  const server = await serveSink(sink, 0)
  const served = async (path: string) => await fetch(`http://127.0.0.1:${server.port}${path}`)
  const metrics = await (await served('/metrics')).text()
  assert.match(metrics, /kappa_sink_store_breaker\{sink="memory",state="closed"\} 0/)
  assert.match(metrics, /kappa_sink_lane_running\{sink="memory",topic="test.sales.v1",lane="0",generation="1"\} 0/)
  assert.equal((await served('/ready')).status, 503)
  assert.equal(((await (await served('/status')).json()) as { lanes: unknown[] }).lanes.length, 3)
  assert.ok(tries < 12, `${tries} tries by three lanes`)
  away = false
  await until(() => sink.status.reduce((sum, { rows }) => sum + rows, 0) === sold)
  assert.equal((await served('/ready')).status, 200)
  assert.match(await (await served('/metrics')).text(), /state="closed"\} 1/)
  await server.close()
  stop.abort()
  await running
  assert.deepEqual(
    told.map(({ state }) => state),
    ['open', 'closed'],
  )
  assert.deepEqual(events, [])
  assert.equal(sink.memory.used, 0)
  assert.deepEqual([...at.store.rows].sort(), at.expected().sort())
})

test('the last rows of a topic that falls silent are in the store, and marked done, within the age of a cut', async () => {
  const at = await world()
  const ageMs = 300
  const { app, broker, registry, destination, clock } = at.options()
  const sink = new Sink({
    ...{ app, broker, registry, destination, clock },
    topics: [sales],
    limits: { rows: 50_000, bytes: 32 * 1024 * 1024, ageMs },
    notify: () => {},
  })
  const stop = new AbortController()
  const running = sink.run(stop.signal)
  await until(() => sink.status.every(({ state }) => state === 'running'))
  const silent = performance.now()
  at.sell(3)
  await until(() => at.store.rows.length === 3)
  const took = performance.now() - silent
  assert.ok(took >= ageMs - 20 && took < ageMs + 700, `${Math.round(took)} ms`)
  const log = new CutLog({ sink: 'memory', broker, clock })
  const done = async () => (await log.all()).some(({ state, totals }) => state === 'done' && totals.count === 3)
  while (!(await done()) && performance.now() - silent < 5_000) await systemClock.sleep(50)
  assert.ok(await done(), 'nothing else had to come for it to be marked')
  await log.close()
  stop.abort()
  await running
  assert.deepEqual([...at.store.rows].sort(), at.expected().sort())
})
