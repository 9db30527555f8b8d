import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { KappaError } from '#engine/errors'
import { sales, untilNow, type World, world } from './delivery-fixture.ts'
import { deliverUntil, holdLane, Lane, moveLane, releaseLane } from './index.ts'

const impatient = {
  now: () => performance.timeOrigin + performance.now(),
  sleep: async (milliseconds: number, signal?: AbortSignal) => {
    if (signal?.aborted !== true) await pause(Math.min(milliseconds, 15), undefined, { signal }).catch(() => {})
  },
}

function running(at: World) {
  const stopping = new AbortController()
  const lane = new Lane(at.options({ clock: impatient }))
  const ended = lane.run(stopping.signal)
  return {
    lane,
    async stop() {
      stopping.abort()
      await ended
    },
  }
}

async function eventually(check: () => boolean, what: string): Promise<void> {
  for (let i = 0; i < 200; i++) {
    if (check()) return
    await pause(10)
  }
  assert.fail(`never: ${what}`)
}

test('a running lane is held with everything written, waits, and goes on as the generation it was moved to', async () => {
  const at = await world()
  at.sell(100)
  const sink = running(at)
  await eventually(() => at.store.rows.length === 100, 'all written')
  const held = await holdLane(at.options(), 'replay 7')
  assert.equal(held.totals.count, 100)
  at.sell(50, 100)
  await eventually(() => sink.lane.status.state === 'held', 'held')
  await pause(100)
  assert.equal(at.store.rows.length, 100, 'nothing is written while it is held')

  assert.equal((await holdLane(at.options(), 'replay 7')).state, 'held', 'holding again is the same')
  await assert.rejects(
    holdLane(at.options(), 'replay 8'),
    (thrown) => thrown instanceof KappaError && thrown.code === 'BLOCKED',
  )
  await assert.rejects(moveLane(at.options(), 'replay 8', held, 2), /held by replay 7/)

  await moveLane(at.options(), 'replay 7', held, 2)
  await moveLane(at.options(), 'replay 7', held, 2)
  await eventually(() => at.store.rows.length === 150, 'goes on')
  assert.deepEqual([...at.store.rows].sort(), at.expected().sort())
  assert.equal(sink.lane.status.generation, 2)
  assert.equal(at.store.writes.at(-1)?.cut.generation, 2)
  await sink.stop()

  const restarted = running(at)
  at.sell(10, 150)
  await eventually(() => at.store.rows.length === 160, 'a restarted sink finds the generation')
  assert.equal(restarted.lane.status.generation, 2)
  await restarted.stop()
  assert.equal((await holdLane(at.options(), 'rollback')).cut.generation, 2, 'and so does the next holder')
})

test('an undone cut is finished by whoever holds the lane', async () => {
  const at = await world()
  at.sell(40)
  const killed = new Lane(
    at.options({
      atStep: (step) => {
        if (step === 3) throw new Error('killed')
      },
    }),
  )
  await killed.run(new AbortController().signal)
  assert.equal(at.store.rows.length, 0)
  const held = await holdLane(at.options(), 'replay 7')
  assert.equal(at.store.rows.length, held.totals.count)
  assert.ok(held.totals.count > 0)
  await releaseLane(at.options(), 'replay 7', held)
  await releaseLane(at.options(), 'replay 7', held)
  await deliverUntil({ ...at.options(), until: await untilNow(at.broker, sales.name) }, new AbortController().signal)
  assert.deepEqual([...at.store.rows].sort(), at.expected().sort())
})

test('generations only rise', async () => {
  const at = await world()
  const held = await holdLane(at.options(), 'replay 7')
  await assert.rejects(moveLane(at.options(), 'replay 7', held, 1), /generations only rise/)
})
