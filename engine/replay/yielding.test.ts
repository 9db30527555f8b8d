import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeBroker, testClock } from '#engine/testing'
import { LiveLag } from './live-lag.ts'
import { LiveGate, yieldingReader } from './yielding.ts'

const LIVE = 'test.live.v1'
const HISTORY = 'test.history.v1'

async function world() {
  const clock = testClock()
  const broker = fakeBroker({ clock })
  await broker.admin.ensure([LIVE, HISTORY].map((name) => ({ name, partitions: 1, settings: {} })))
  const groups = [{ name: 'sums', group: 'app-sums-g1-source', topics: [LIVE] }]
  let written = 0
  return {
    clock,
    broker,
    lag: new LiveLag({ broker, clock, groups }),
    write(count: number, topic = LIVE): void {
      for (let n = 0; n < count; n++) broker.write({ topic, partition: 0, key: null, value: Buffer.from('x') })
      if (topic === LIVE) written += count
    },
    /** The live group has taken all but so many. */
    behind: (count: number): void =>
      broker.report('app-sums-g1-source', [{ topic: LIVE, partition: 0, offset: written - count }]),
    async pass(seconds: number): Promise<void> {
      for (let n = 0; n < seconds * 2; n++) {
        clock.advance(500)
        for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
      }
    },
  }
}

test('a record is as old as the look that first saw it', async () => {
  const { clock, lag, write, behind } = await world()
  behind(0)
  assert.deepEqual(await lag.look(), { seconds: 0, name: undefined })
  write(5)
  await lag.look()
  clock.advance(2_000)
  write(5)
  await lag.look()
  clock.advance(1_000)
  assert.deepEqual(await lag.look(), { seconds: 3, name: 'sums' })
  behind(5)
  assert.deepEqual(await lag.look(), { seconds: 1, name: 'sums' })
  behind(0)
  assert.equal((await lag.look()).seconds, 0)
})

test('a group that nobody runs is waited for by nobody', async () => {
  const { clock, lag, write, behind } = await world()
  behind(0)
  write(5)
  for (let n = 0; n < 30; n++) {
    assert.equal((await lag.look()).seconds, n)
    clock.advance(1_000)
  }
  clock.advance(1_000)
  assert.deepEqual(await lag.look(), { seconds: 0, name: undefined })
})

test('reading pauses while live is more than the bound behind, and goes on at half of it', async () => {
  const { clock, broker, lag, write, behind, pass } = await world()
  write(1_000, HISTORY)
  behind(0)
  const told: (string | undefined)[] = []
  const gate = new LiveGate({ lag, clock, boundSeconds: 4, onYield: (found) => told.push(found?.name) })
  const reader = yieldingReader(await broker.reader(), gate, clock)
  await reader.assign([{ topic: HISTORY, partition: 0, offset: 0 }])
  const read = async (): Promise<number> => {
    const reading = reader.read(10, 100)
    let over = false
    reading.finally(() => (over = true)).catch(() => {})
    while (!over) await pass(0.5)
    return (await reading).length
  }
  await pass(1)
  assert.equal(await read(), 10)
  write(100)
  behind(100)
  await pass(3)
  assert.equal(await read(), 10, 'not yet')
  await pass(3)
  assert.equal(await read(), 0)
  behind(1)
  await pass(2)
  assert.equal(await read(), 0, 'one record is as old as the others')
  behind(0)
  await pass(2)
  assert.equal(await read(), 10)
  assert.deepEqual(told, ['sums', undefined])
  assert.ok(gate.seconds >= 4 && gate.seconds < 10, `${gate.seconds}`)
  const closing = gate.close()
  await pass(1)
  await closing
  await reader.close()
  assert.equal(broker.openClients(), 0)
})

test('a group that never reported is asked again after a while', async () => {
  const { clock, lag, write, behind } = await world()
  write(5)
  await lag.look()
  behind(5)
  clock.advance(10_000)
  assert.equal((await lag.look()).name, undefined)
  clock.advance(20_000)
  await lag.look()
  clock.advance(1_000)
  assert.deepEqual(await lag.look(), { seconds: 1, name: 'sums' }, 'since it was seen')
})

test('an answer that takes ten seconds makes no record ten seconds old', async () => {
  const { clock, broker, write, behind } = await world()
  let slow = false
  const committedEnds = async (topic: string): Promise<readonly number[]> => {
    if (slow) {
      clock.advance(10_000)
      write(5)
      behind(5)
    }
    return await broker.admin.committedEnds(topic)
  }
  const groups = [{ name: 'sums', group: 'app-sums-g1-source', topics: [LIVE] }]
  const lag = new LiveLag({ broker: { ...broker, admin: { ...broker.admin, committedEnds } }, clock, groups })
  write(5)
  behind(0)
  await lag.look()
  slow = true
  await lag.look()
  slow = false
  clock.advance(200)
  assert.equal((await lag.look()).seconds, 0.2)
})

test('ends are asked for what somebody reads alone: others cost a question a while', async () => {
  const { clock, broker, write, behind } = await world()
  const asked: string[] = []
  const admin = {
    ...broker.admin,
    committedEnds: (topic: string) => {
      asked.push(topic)
      return broker.admin.committedEnds(topic)
    },
    groupPositions: (group: string, topic: string) => {
      asked.push(group)
      return broker.admin.groupPositions(group, topic)
    },
  }
  const idle = Array.from({ length: 40 }, (_, i) => ({ name: `p${i}`, group: `app-p${i}`, topics: [HISTORY] }))
  const groups = [...idle, { name: 'sums', group: 'app-sums-g1-source', topics: [LIVE] }]
  const lag = new LiveLag({ broker: { ...broker, admin }, clock, groups })
  write(5)
  behind(0)
  for (let n = 0; n < 4; n++) {
    const before = asked.length
    await lag.look()
    assert.ok(asked.length - before <= 18, `${asked.length - before} questions in one look`)
    clock.advance(1_000)
  }
  assert.deepEqual([asked.includes(LIVE), asked.includes(HISTORY)], [true, false])
})
