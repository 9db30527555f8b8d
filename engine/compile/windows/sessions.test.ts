import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { KappaError } from '#engine/errors'
import { type EmitMode, fold, processor, session, sum, topK } from '#engine/topology'
import { Bench, header } from '../bench-fixture.ts'
import { compile } from '../compile.ts'
import { NEW_YEAR, sales, statistics } from '../trade-fixture.ts'
import { acts, asSet, roughly, visitsFrom } from './rough-fixture.ts'
import { pageVisits, type Visit, visits, visitsIn, visitWindows } from './visit-fixture.ts'

const GAP = 10
const GRACE = 5
const window = session({ gap: `${GAP} milliseconds`, grace: `${GRACE} milliseconds` })

/** Rows as [user, first, last, numbers], times from the new year on; null: taken back. */
const written = (bench: Bench) =>
  bench.of('result').map(({ key, value }) => {
    const [user = '', start, end] = (key ?? '').toString().split('|')
    const numbers = value && visitWindows.decode(value.subarray(5)).numbers
    return [user, Number(start) - NEW_YEAR, Number(end) - NEW_YEAR, numbers]
  })

async function after(times: readonly (readonly [user: string, at: number])[], emit: EmitMode = 'on-close') {
  const bench = await Bench.of(visitsIn(window, emit))
  times.forEach(([user, at], number) => {
    bench.write(visits, { user, page: 'p', number, at: NEW_YEAR + at })
  })
  await bench.run()
  return bench
}

test('events exactly one gap apart are one session; a session closes when nothing can join it any more', async () => {
  const open = await after([
    ['a', 0],
    ['a', 10],
    ['b', 25],
  ])
  assert.deepEqual(written(open), [])
  const closed = await after([
    ['a', 0],
    ['a', 10],
    ['b', 26],
  ])
  assert.deepEqual(written(closed), [['a', 0, 10, [0, 1]]])
})

test('an event between two sessions makes them one, however old it is; one that no open session holds is late', async () => {
  const bench = await after([
    ['a', 0],
    ['a', 15],
    ['b', 10],
    ['a', 8],
    ['b', 31],
    ['a', 5],
    ['c', 15],
    ['b', 100],
  ])
  assert.deepEqual(written(bench), [
    ['b', 10, 10, [2]],
    ['a', 0, 15, [0, 1, 3]],
    ['b', 31, 31, [4]],
  ])
  // 5 would be in a session that is closed; 15 opens none, because nothing could join it.
  const late = bench.of('late')
  assert.deepEqual(
    late.map((record) => [header(record, 'reason'), header(record, 'lateness'), header(record, 'windows')]),
    [
      ['late', '26', `${NEW_YEAR + 5}/${NEW_YEAR + 5}`],
      ['late', '16', `${NEW_YEAR + 15}/${NEW_YEAR + 15}`],
    ],
  )
})

test('on update every session that changes is taken back before its new row', async () => {
  const bench = await after(
    [
      ['a', 0],
      ['a', 0],
      ['a', 15],
      ['a', 8],
      ['a', 12],
    ],
    'on-update',
  )
  assert.deepEqual(written(bench), [
    ['a', 0, 0, [0]],
    ['a', 0, 0, [0, 1]],
    ['a', 15, 15, [2]],
    ['a', 0, 0, null],
    ['a', 15, 15, null],
    ['a', 0, 15, [0, 1, 2, 3]],
    ['a', 0, 15, null],
    ['a', 0, 15, [0, 1, 2, 3, 4]],
  ])
})

test('an import closes its last sessions, through a re-key too', async () => {
  for (const source of [visits, pageVisits]) {
    const bench = await Bench.of(visitsIn(window, 'on-close', source), { partitions: 2 })
    bench.write(source, { user: 'a', page: 'p', number: 1, at: NEW_YEAR })
    bench.write(source, { user: 'a', page: 'q', number: 2, at: NEW_YEAR + 3 })
    await bench.run()
    assert.deepEqual(written(bench), [])
    bench.advance({ time: NEW_YEAR + 3, reason: 'import' })
    await bench.run()
    assert.equal(written(bench).length, 1)
  }
})

test('what cannot be taken back, or folded the same way every time, is refused', () => {
  const refused = (because: RegExp, build: () => unknown) =>
    assert.throws(
      build,
      (thrown) => thrown instanceof KappaError && thrown.code === 'PLAN_INVALID' && because.test(thrown.message),
    )
  const perStore = (emit: EmitMode) =>
    processor('per-store', ({ from }) =>
      from(sales)
        .keyBy('store')
        .window(window)
        .aggregate({ total: sum('weight') })
        .emit(emit)
        .map(['total'], ({ total }) => ({ ...rest, total }), { keep: ['store', 'windowStart', 'windowEnd'] })
        .to(statistics),
    )
  refused(/'windowStart' is not in the key of trade\.statistics\.v1/, () => perStore('on-update'))
  const bounded = processor('bounded', ({ from }) =>
    from(sales)
      .keyBy('store')
      .window(window)
      .aggregate({
        often: topK('currency', { k: 2, capacity: 10 }),
        told: fold({
          reads: ['saleId'],
          initial: () => 0,
          add: (n: number) => n + 1,
          merge: (a: number, b: number) => a + b,
        }),
      })
      .emit('on-close')
      .map(['told'], ({ told }) => ({ ...rest, total: told }), { keep: ['store', 'windowStart', 'windowEnd'] })
      .to(statistics),
  )
  refused(/'often' \(leave its capacity out.*'told' \(say order: 'any'/, () => compile(bounded))
  refused(/behind a re-key, session windows .* would show in '\w+' \(use exact decimals/, () =>
    compile(perStore('on-close')),
  )
})

/** Columns that this test has no use for. */
const rest = { sales: 0, meanWeight: 0, least: 0, most: 0n, firstSale: '', lastSale: '', meanAmount: 0 }

interface Closed {
  readonly user: string
  readonly times: number[]
  readonly numbers: number[]
}

/** Sessions as lists of events: closed by the predicate, joined by looking at every event. */
function modelled(events: readonly Visit[]) {
  let open: Closed[] = []
  const closed: Closed[] = []
  const late: number[] = []
  let now = Number.NEGATIVE_INFINITY
  for (const { user, at, number } of events) {
    now = Math.max(now, at)
    const over = open.filter(({ times }) => Math.max(...times) + GAP < now - GRACE)
    open = open.filter((one) => !over.includes(one))
    over.sort((a, b) => Math.max(...a.times) - Math.max(...b.times) || (a.user < b.user ? -1 : 1))
    closed.push(...over)
    const joined = open.filter((one) => one.user === user && one.times.some((time) => Math.abs(time - at) <= GAP))
    if (joined.length === 0 && at + GAP < now - GRACE) {
      late.push(number)
      continue
    }
    open = open.filter((one) => !joined.includes(one))
    const numbers = [...joined.flatMap((one) => one.numbers), number].sort((a, b) => a - b)
    open.push({ user, times: [...joined.flatMap(({ times }) => times), at], numbers })
  }
  return { closed, open, late }
}

const rowOf = ({ user, times, numbers }: Closed) => ({
  user,
  windowStart: Math.min(...times),
  windowEnd: Math.max(...times),
  visits: numbers.length,
  total: numbers.reduce((sum, number) => sum + number, 0),
  numbers,
})

test('whatever the order, commits and crashes, sessions are those of lists of events, in order', async () => {
  await fc.assert(
    fc.asyncProperty(visitsFrom(NEW_YEAR), acts, async (events, all) => {
      const bench = await Bench.of(visitsIn(window, 'on-close'))
      for (const event of events) bench.write(visits, event)
      await roughly(bench, all)
      const { closed, late, open } = modelled(events)
      assert.deepEqual(bench.rows(visitWindows), closed.map(rowOf))
      assert.equal(bench.of('late').length, late.length)
      assert.equal(bench.task().stage.stateEntries, open.length)
    }),
    { numRuns: 200 },
  )
})

test('on update, the last rows that were not taken back are the sessions', async () => {
  await fc.assert(
    fc.asyncProperty(visitsFrom(NEW_YEAR), acts, async (events, all) => {
      const bench = await Bench.of(visitsIn(window, 'on-update'))
      for (const event of events) bench.write(visits, event)
      await roughly(bench, all)
      const rows = new Map<string, object>()
      for (const { key, value } of bench.of('result')) {
        const identity = key?.toString() ?? ''
        // Nothing is taken back that is not there.
        if (value === null) assert.ok(rows.delete(identity))
        else rows.set(identity, visitWindows.decode(value.subarray(5)))
      }
      const { closed, open } = modelled(events)
      assert.deepEqual(asSet([...rows.values()]), asSet([...closed, ...open].map(rowOf)))
    }),
    { numRuns: 200 },
  )
})

/** Behind a re-key: the events each partition found in time, cut where nothing follows within a gap. */
function components(events: readonly (Visit & { partition: number })[]) {
  const reached = new Map<number, number>()
  const taken = events.filter(({ partition, at }) => {
    const now = Math.max(reached.get(partition) ?? at, at)
    reached.set(partition, now)
    return at + GAP >= now - GRACE
  })
  taken.sort((a, b) => (a.user < b.user ? -1 : a.user > b.user ? 1 : a.at - b.at || a.partition - b.partition))
  const found: Closed[] = []
  for (const { user, at, number } of taken) {
    const last = found.at(-1)
    if (last?.user === user && at - (last.times.at(-1) ?? 0) <= GAP) {
      last.times.push(at)
      last.numbers.push(number)
    } else found.push({ user, times: [at], numbers: [number] })
  }
  return { found, late: events.length - taken.length }
}

test('behind a re-key, sessions depend on no order in which partitions are read', async () => {
  await fc.assert(
    fc.asyncProperty(visitsFrom(NEW_YEAR), acts, async (events, all) => {
      const bench = await Bench.of(visitsIn(window, 'on-close', pageVisits), { partitions: 2 })
      for (const event of events) bench.write(pageVisits, event)
      await roughly(bench, all)
      bench.advance({ time: NEW_YEAR + 1000, reason: 'import' })
      await bench.run()
      const placed = events.map((event) => ({ ...event, partition: bench.place(pageVisits, event) }))
      const { found, late } = components(placed)
      const inOrder = (row: { readonly numbers: readonly number[] }) => ({
        ...row,
        numbers: [...row.numbers].sort((a, b) => a - b),
      })
      assert.deepEqual(asSet(bench.rows(visitWindows).map(inOrder)), asSet(found.map(rowOf).map(inOrder)))
      assert.equal(bench.of('late').length, late)
    }),
    { numRuns: 200 },
  )
})
