import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type EmitMode, sliding } from '#engine/topology'
import { Bench, header } from '../bench-fixture.ts'
import { NEW_YEAR } from '../trade-fixture.ts'
import { acts, asSet, roughly, visitsFrom } from './rough-fixture.ts'
import { pageVisits, type Visit, type VisitWindow, visits, visitsIn, visitWindows } from './visit-fixture.ts'

const SIZE = 10
const GRACE = 5
const window = sliding({ size: `${SIZE} milliseconds`, grace: `${GRACE} milliseconds` })

async function after(times: readonly number[], emit: EmitMode = 'on-close') {
  const bench = await Bench.of(visitsIn(window, emit))
  times.forEach((at, number) => {
    bench.write(visits, { user: 'a', page: 'p', number, at })
  })
  await bench.run()
  return bench
}
const told = (bench: Bench) =>
  bench.rows(visitWindows).map(({ windowStart, windowEnd, numbers }) => [windowStart, windowEnd, numbers])

test('each event ends a window and begins one behind it, where that holds an event; both ends included', async () => {
  assert.deepEqual(told(await after([20, 23, 30, 100])), [
    [10, 20, [0]],
    [13, 23, [0, 1]],
    [20, 30, [0, 1, 2]],
    [21, 31, [1, 2]],
    [24, 34, [2]],
  ])
})

test('events of the first moments of 1970 share one window', async () => {
  assert.deepEqual(told(await after([3, 7, 12, 100])), [
    [0, 10, [0, 1]],
    [2, 12, [0, 1, 2]],
    [4, 14, [1, 2]],
    [8, 18, [2]],
  ])
})

test('an event is late for the windows that are closed, and counts in the others', async () => {
  // Stream time 30: windows that end before 25 are closed.
  const bench = await after([19, 25, 30, 17, 14, 100])
  assert.deepEqual(told(bench), [
    [9, 19, [0]],
    [15, 25, [0, 1, 3]],
    [18, 28, [0, 1]],
    [20, 30, [1, 2]],
    [26, 36, [2]],
  ])
  assert.deepEqual(
    bench.of('late').map((record) => [header(record, 'reason'), header(record, 'lateness'), header(record, 'windows')]),
    [
      ['partly-late', '13', '7/17,9/19'],
      ['late', '16', '4/14'],
    ],
  )
})

test('on update every window that changes, or is new, is a row', async () => {
  assert.deepEqual(told(await after([20, 25, 22], 'on-update')), [
    [10, 20, [0]],
    [15, 25, [0, 1]],
    [21, 31, [1]],
    [12, 22, [0, 2]],
    [15, 25, [0, 1, 2]],
    [21, 31, [1, 2]],
    [23, 33, [1]],
  ])
})

/** An event as it counts: in the windows that end at `from` or later. */
interface Counted extends Visit {
  readonly from: number
}

function countedOf(events: readonly Visit[], partitionOf: (event: Visit) => number): Counted[] {
  const reached = new Map<number, number>()
  return events.flatMap((event) => {
    const partition = partitionOf(event)
    const now = Math.max(reached.get(partition) ?? event.at, event.at)
    reached.set(partition, now)
    const from = Math.max(event.at, now - GRACE)
    return event.at + SIZE < from ? [] : [{ ...event, from }]
  })
}

/** All windows of these events, by trying every end there could be. */
function modelled(counted: readonly Counted[]): VisitWindow[] {
  const rows: VisitWindow[] = []
  const last = counted.reduce((most, { at }) => Math.max(most, at), 0) + SIZE + 1
  const first = counted.reduce((least, { at }) => Math.min(least, at), last)
  for (let end = first; end <= last; end++)
    for (const user of ['a', 'b', 'c|d']) {
      const start = end - SIZE
      const own = counted.filter((event) => event.user === user)
      const inside = own.filter(({ at, from }) => at >= start && at <= end && from <= end)
      const isLeft = inside.some(({ at }) => at === end || (at >= 0 && at <= SIZE && end === SIZE))
      const isRight = own.some(({ at }) => at === start - 1)
      const early = end >= 0 && end < SIZE
      if (inside.length === 0 || !((isLeft && !early) || isRight)) continue
      const numbers = inside.map(({ number }) => number)
      const total = numbers.reduce((sum, number) => sum + number, 0)
      rows.push({ user, windowStart: start, windowEnd: end, visits: numbers.length, total, numbers })
    }
  return rows
}

const starts = fc.constantFrom(0, NEW_YEAR).chain(visitsFrom)

test('whatever the order, commits and crashes, the windows are those of trying every end, in order', async () => {
  await fc.assert(
    fc.asyncProperty(starts, acts, async (events, all) => {
      const bench = await Bench.of(visitsIn(window, 'on-close'))
      for (const event of events) bench.write(visits, event)
      await roughly(bench, all)
      bench.advance({ time: NEW_YEAR + 1000, reason: 'import' })
      await bench.run()
      const counted = countedOf(events, () => 0)
      assert.deepEqual(bench.rows(visitWindows), modelled(counted))
      const late = bench.of('late').filter((record) => header(record, 'reason') === 'late')
      assert.equal(late.length, events.length - counted.length)
      assert.equal(bench.task().stage.stateEntries, 0)
    }),
    { numRuns: 200 },
  )
})

test('on update the last row of each window is the window', async () => {
  await fc.assert(
    fc.asyncProperty(starts, acts, async (events, all) => {
      const bench = await Bench.of(visitsIn(window, 'on-update'))
      for (const event of events) bench.write(visits, event)
      await roughly(bench, all)
      const last = new Map(bench.rows(visitWindows).map((row) => [`${row.user} ${row.windowEnd}`, row]))
      assert.deepEqual(asSet([...last.values()]), asSet(modelled(countedOf(events, () => 0))))
    }),
    { numRuns: 200 },
  )
})

test('behind a re-key, windows depend on no order in which partitions are read', async () => {
  await fc.assert(
    fc.asyncProperty(starts, acts, async (events, all) => {
      const bench = await Bench.of(visitsIn(window, 'on-close', pageVisits), { partitions: 2 })
      for (const event of events) bench.write(pageVisits, event)
      await roughly(bench, all)
      bench.advance({ time: NEW_YEAR + 1000, reason: 'import' })
      await bench.run()
      const inOrder = (row: VisitWindow) => ({ ...row, numbers: [...row.numbers].sort((a, b) => a - b) })
      const counted = countedOf(events, (event) => bench.place(pageVisits, event))
      assert.deepEqual(asSet(bench.rows(visitWindows).map(inOrder)), asSet(modelled(counted).map(inOrder)))
    }),
    { numRuns: 200 },
  )
})
