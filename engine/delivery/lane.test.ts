import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import fc from 'fast-check'
import { KappaError } from '#engine/errors'
import { systemClock } from '#engine/time'
import { fingerprint } from './batch.ts'
import { beginAgain } from './begin-again.ts'
import { cutCurrentTopic, cutHistoryTopic } from './cut-log.ts'
import { quick, sales, unavailable, untilNow, type World, world } from './delivery-fixture.ts'
import { Lane } from './lane.ts'
import type { LaneEvent, LaneOptions, LaneStep } from './lane-options.ts'
import { decodeLaneRecord } from './lane-record.ts'

class Killed extends Error {}
const STEPS: readonly LaneStep[] = [1, 2, 3, 3.5, 4, 4.5]

/** Runs a bounded lane as a new process does; the process dies at the `nth` visit of a step. */
async function process(at: World, kill?: { step: LaneStep; nth: number }, more: Partial<LaneOptions> = {}) {
  let visits = 0
  const lane = new Lane(
    at.options({
      until: await untilNow(at.broker, sales.name),
      atStep: (step) => {
        if (step === kill?.step && ++visits === kill.nth) throw new Killed(`at step ${step}`)
      },
      ...more,
    }),
  )
  return { ended: await lane.run(new AbortController().signal), lane }
}

const sorted = (rows: readonly string[]): string[] => [...rows].sort()

test('a lane brings every record to the store once and says what it brought', async () => {
  const at = await world()
  at.sell(230)
  const { ended, lane } = await process(at)
  assert.equal(ended, 'finished')
  assert.deepEqual(sorted(at.store.rows), sorted(at.expected()))
  const history = at.broker
    .committed(cutHistoryTopic('memory'))
    .map(({ value }) => decodeLaneRecord(value ?? Buffer.alloc(0), 'the history'))
  assert.equal(
    history.reduce((sum, { cut }) => sum + cut.count, 0),
    230,
  )
  assert.ok(history.length >= 5, 'cuts of 50 rows at most')
  assert.deepEqual(
    history.map(({ cut }) => cut.number),
    history.map((_, i) => i + 1),
  )
  const totals = history.at(-1)?.totals
  const all = fingerprint(at.broker.committed(sales.name))
  assert.deepEqual(totals, { count: 230, hashSum: all.hashSum, refused: 0, refusedHashSum: '0' })
  assert.equal(lane.status.rows, 230)
  assert.equal(Math.min(...history.map(({ cut }) => cut.minEventTime ?? Infinity)), 1_700_000_000_000)
  assert.equal(Math.max(...history.map(({ cut }) => cut.maxEventTime ?? 0)), 1_700_000_229_000)
  assert.deepEqual(history[1]?.cut.streamTimeBefore, history[0]?.streamTime)
  assert.equal(at.broker.openClients(), 1, 'only the cut log keeps its reader')
})

for (const step of STEPS)
  test(`killed at step ${step} and started again: every row once`, async () => {
    const at = await world()
    at.sell(230)
    for (const nth of [1, 2, 3]) {
      const { ended } = await process(at, { step, nth })
      assert.equal(ended, nth > 1 && step < 3 ? 'finished' : 'failed')
    }
    await process(at)
    assert.deepEqual(sorted(at.store.rows), sorted(at.expected()))
  })

test('killed anywhere, any number of times, with aborts and stores that fail before or after taking: every row once', async () => {
  const life = fc.record({
    step: fc.constantFrom(...STEPS),
    nth: fc.integer({ min: 1, max: 4 }),
    sold: fc.integer({ min: 0, max: 120 }),
    commit: fc.option(fc.constantFrom('aborted' as const, 'unknown' as const), { nil: undefined }),
    store: fc.option(fc.constantFrom('before' as const, 'after' as const), { nil: undefined }),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(life, { minLength: 1, maxLength: 6 }), fc.integer(), async (lives, seed) => {
      const at = await world(seed)
      let sold = 0
      for (const { step, nth, sold: more, commit, store } of lives) {
        at.sell(more, sold)
        sold += more
        if (commit !== undefined) at.broker.failNextCommits([commit], 'memory')
        if (store !== undefined) at.store.fault = failOnce(at, store)
        await process(at, { step, nth }, { clock: hurried })
      }
      at.store.fault = undefined
      await process(at, undefined, { clock: hurried })
      assert.deepEqual(sorted(at.store.rows), sorted(at.expected()))
    }),
    { numRuns: 40 },
  )
})

/** Pauses of a lane that waits are cut short; time otherwise passes as it does. */
const hurried = {
  now: () => performance.timeOrigin + performance.now(),
  sleep: async (milliseconds: number, signal?: AbortSignal) => {
    if (signal?.aborted !== true) await pause(Math.min(milliseconds, 10), undefined, { signal }).catch(() => {})
  },
}

function failOnce(at: World, when: 'before' | 'after') {
  return (phase: 'before' | 'after') => {
    if (phase !== when) return
    at.store.fault = undefined
    throw unavailable()
  }
}

test('a store that is away is waited for, with one message and one when it is back', async () => {
  const at = await world()
  at.sell(20)
  let refusals = 3
  at.store.fault = (phase) => {
    if (phase === 'after' && refusals-- > 0) throw unavailable()
  }
  const events: LaneEvent[] = []
  const { ended } = await process(at, undefined, { clock: hurried, notify: (event) => events.push(event) })
  assert.equal(ended, 'finished')
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ['waiting', 'resumed'],
  )
  assert.deepEqual(sorted(at.store.rows), sorted(at.expected()))
  assert.deepEqual(
    at.store.writes.map(({ again }) => again),
    [false, true, true, true],
  )
})

function signalled(): [Promise<void>, () => void] {
  let signal = () => {}
  const promise = new Promise<void>((resolve) => {
    signal = resolve
  })
  return [promise, () => signal()]
}

test("a lane's last cut is found although another lane's open transaction hides the end of the cut log", async () => {
  const at = await world()
  at.sell(40)
  const other = await at.broker.transactional('another lane')
  const opens = async (step: LaneStep) => {
    if (step === 4) {
      await other.begin()
      await other.send({ topic: cutCurrentTopic('memory'), partition: 0, key: Buffer.from('x'), value: null })
    }
    if (step === 3) throw new Killed('after deciding')
  }
  assert.equal((await process(at, undefined, { atStep: opens })).ended, 'failed')
  const decided = at.store.writes.length
  const resumed = process(at)
  await pause(50)
  assert.equal(at.store.writes.length, decided, 'waits for the other transaction')
  await other.abort()
  assert.equal((await resumed).ended, 'finished')
  assert.equal(at.store.writes[0]?.again, true, 'the cut that was decided before')
  assert.deepEqual(sorted(at.store.rows), sorted(at.expected()))
})

test('a zombie that resumes after another took over is fenced: every row once', async () => {
  const at = await world()
  at.sell(120)
  const [asleep, sleeps] = signalled()
  const [awake, wake] = signalled()
  let first = true
  const events: LaneEvent[] = []
  const stopping = new AbortController()
  const zombie = new Lane(
    at.options({
      notify: (event) => events.push(event),
      atStep: async (step) => {
        if (step !== 3 || !first) return
        first = false
        sleeps()
        await awake
      },
    }),
  )
  const running = zombie.run(stopping.signal)
  await asleep
  assert.equal((await process(at)).ended, 'finished')
  wake()
  for (let i = 0; i < 100 && zombie.status.state !== 'fenced'; i++) await pause(10)
  assert.deepEqual(events, [{ kind: 'fenced' }])
  stopping.abort()
  assert.equal(await running, 'stopped')
  assert.deepEqual(sorted(at.store.rows), sorted(at.expected()))
})

test('a cut is handed over in one order, however its partitions were read in turn', async () => {
  const at = await world(3)
  at.sell(120)
  await process(at, { step: 3.5, nth: 1 })
  assert.equal((await process(at)).ended, 'finished')
  const [first, again] = at.store.writes
  assert.equal(again?.again, true)
  assert.deepEqual(again?.places, first?.places)
  const places = first?.places.map((place) => place.split('@').map(Number)) ?? []
  assert.deepEqual(
    places,
    places.toSorted(([p = 0, o = 0], [q = 0, r = 0]) => p - q || o - r),
  )
})

test('the store is shown the records of a full cut before it is decided, as they are written then', async () => {
  const at = await world()
  at.sell(230)
  const { store } = at
  const shown: (readonly unknown[])[] = []
  let full = 0
  const watched = {
    name: store.name,
    prepare: () => store.prepare(),
    close: () => store.close(),
    ahead: (_: unknown, next: { readonly schemaIds: readonly number[] }, records: readonly unknown[]) => {
      assert.deepEqual(next.schemaIds, [at.schemaId])
      shown.push(records)
    },
    write: async (...[topic, cut, records, again]: Parameters<LaneOptions['destination']['write']>) => {
      if (cut.count === quick.rows) full++
      if (cut.count === quick.rows) assert.ok(shown.includes(records), `cut ${cut.number} has other records`)
      return store.write(topic, cut, records, again)
    },
  }
  const { ended } = await process(at, undefined, { destination: watched })
  assert.equal(ended, 'finished')
  assert.ok(full >= 3, `${full} full cuts`)
  assert.deepEqual(sorted(store.rows), sorted(at.expected()))
})

test('rows that the store refuses are dead-lettered once, with the reason, and the count stays exact', async () => {
  const at = await world()
  at.sell(100)
  at.store.refuses = ({ partition, offset }) =>
    partition === 1 && offset % 10 === 0 ? 'column amount: bad' : undefined
  await process(at, { step: 4, nth: 2 })
  const { lane } = await process(at)
  const letters = at.broker.committed(`${sales.name}.memory.dead-letter`)
  assert.deepEqual(
    letters.map(({ headers }) => `${headers?.['kappa.partition']}@${headers?.['kappa.offset']}`).sort(),
    ['1@0', '1@10', '1@20', '1@30'],
  )
  assert.equal(letters[0]?.headers?.['kappa.reason']?.toString(), 'column amount: bad')
  const original = at.broker.committed(sales.name).find(({ partition, offset }) => partition === 1 && offset === 0)
  assert.deepEqual(letters[0]?.value, original?.value)
  assert.deepEqual([lane.status.rows, lane.status.refused], [100, 4])
  assert.equal(at.store.rows.length, 96)
})

test('an undone cut whose records changed stops the lane with the reason', async () => {
  const at = await world()
  at.sell(40)
  await process(at, { step: 3, nth: 1 })
  const { broker } = at
  await broker.admin.remove([sales.name])
  await broker.admin.ensure([{ name: sales.name, partitions: 3, settings: {} }])
  at.sell(40, 1_000)
  const { ended, lane } = await process(at)
  assert.equal(ended, 'failed')
  assert.match(lane.status.reason ?? '', /made anew; begin generation 2/)
  assert.deepEqual(at.store.rows, [])
})

test('an undone cut that Kafka lost is read back from the archive', async () => {
  const at = await world()
  at.sell(40)
  await process(at, { step: 3, nth: 1 })
  const kept = at.broker.committed(sales.name)
  await at.broker.admin.truncate([0, 1, 2].map((partition) => ({ topic: sales.name, partition, offset: 5 })))
  const archive = {
    ranges: async () =>
      [0, 1, 2].map((partition) => {
        const own = kept.filter((record) => record.partition === partition)
        const range = { partition, first: 0, last: own.length - 1, count: own.length }
        return { ...range, minEventTime: null, maxEventTime: null, object: `${partition}`, bytes: 0 }
      }),
    read: async (_: string, { partition }: { partition: number }) =>
      kept.filter((record) => record.partition === partition),
  }
  const without = await process(at)
  assert.match(without.lane.status.reason ?? '', /begins at offset 0, the log at 5/)
  assert.equal((await process(at, undefined, { archive })).ended, 'finished')
  assert.deepEqual(sorted(at.store.rows), sorted(kept.map(({ partition, offset }) => `${partition}@${offset}`)))
})

test('a lane that finds another error than one that passes stops and says so', async () => {
  const at = await world()
  at.sell(1)
  at.store.fault = () => {
    throw new KappaError('STORE', 'inserting 1 rows: no such column')
  }
  const { ended, lane } = await process(at)
  assert.equal(ended, 'failed')
  assert.equal(lane.status.reason, 'inserting 1 rows: no such column')
})

test('a zombie that slept between a commit and its answer sends nothing under a lease that has ended', async () => {
  const at = await world()
  at.sell(120)
  let moved = 0
  const clock = { now: () => systemClock.now() + moved, sleep: hurried.sleep }
  let asleep = false
  const broker = {
    ...at.broker,
    async transactional(id: string) {
      const producer = await at.broker.transactional(id)
      const commit = producer.commit.bind(producer)
      let commits = 0
      producer.commit = async () => {
        await commit()
        // The mark is the first commit; with the second the first cut is decided.
        if (asleep || ++commits < 2) return
        asleep = true
        assert.equal((await process(at)).ended, 'finished')
        moved = 3_600_000
      }
      return producer
    },
  }
  const stopping = new AbortController()
  const zombie = new Lane(at.options({ broker, clock, notify: ({ kind }) => kind === 'fenced' && stopping.abort() }))
  assert.equal(await zombie.run(stopping.signal), 'stopped')
  assert.ok(asleep)
  const numbers = at.store.writes.map(({ cut }) => cut.number)
  assert.deepEqual(numbers, [...new Set(numbers)], 'no cut was written twice')
})

test('a lane whose topic was made anew begins again as the next generation, once', async () => {
  const at = await world()
  at.sell(40)
  assert.equal((await process(at)).ended, 'finished')
  assert.equal(await beginAgain(at.options()), undefined, 'the topic is the one it read')
  await at.broker.admin.remove([sales.name])
  await at.broker.admin.ensure([{ name: sales.name, partitions: 3, settings: {} }])
  at.sell(10, 1_000)
  assert.match((await process(at)).lane.status.reason ?? '', /made anew/)
  assert.deepEqual(await beginAgain(at.options()), { from: 1, generation: 2, undone: 0 })
  assert.equal(await beginAgain(at.options()), undefined)
  const { ended, lane } = await process(at)
  assert.deepEqual([ended, lane.status.generation, lane.status.rows], ['finished', 2, 10])
  assert.equal(at.store.rows.length, 50)
})

test('a lane that slept while another brought what Kafka has deleted since looks again where it stands', async () => {
  const at = await world()
  at.sell(120)
  let asleep = true
  const broker = {
    ...at.broker,
    async reader() {
      const reader = await at.broker.reader()
      const assign = reader.assign.bind(reader)
      reader.assign = async (positions) => {
        await assign(positions)
        if (!asleep || positions[0]?.topic !== sales.name) return
        asleep = false
        assert.equal((await process(at)).ended, 'finished')
        await at.broker.admin.truncate([0, 1, 2].map((partition) => ({ topic: sales.name, partition, offset: 40 })))
        at.sell(30, 500)
      }
      return reader
    },
  }
  const { ended, lane } = await process(at, undefined, {
    broker,
    clock: hurried,
    until: new Map([0, 1, 2].map((n) => [n, 50])),
  })
  assert.deepEqual([ended, lane.status.rows, at.store.rows.length], ['finished', 150, 150])
})
