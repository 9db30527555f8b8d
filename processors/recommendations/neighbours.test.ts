import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Counters, count, mostFrequent, noCounters } from './neighbours.ts'

const counted = (ids: Iterable<number>, most: number): Counters => {
  const counters = noCounters()
  for (const id of ids) count(counters, id, most)
  return counters
}

test('while there is room every count is exact; equals come by id', () => {
  const counters = counted([3, 1, 2, 3, 2, 9], 10)
  assert.deepEqual(mostFrequent(counters, 3, 1), [
    { id: 2, times: 2 },
    { id: 3, times: 2 },
    { id: 1, times: 1 },
  ])
  assert.deepEqual(
    mostFrequent(counters, 9, 2).map(({ id }) => id),
    [2, 3],
  )
})

test('a new one takes the place of the least frequent, and what it took with it does not count', () => {
  // 1: twice, 2: once, 5: once. 7 takes the place of 5, the larger of the least frequent, then is counted for itself.
  const counters = counted([1, 2, 1, 5, 7, 7], 3)
  assert.deepEqual(counters, { ids: [1, 2, 7], counts: [2, 1, 3], errors: [0, 0, 1] })
  assert.deepEqual(mostFrequent(counters, 3, 1), [
    { id: 1, times: 2 },
    { id: 7, times: 2 },
    { id: 2, times: 1 },
  ])
})

test('a count is never too large, and whatever is frequent enough is kept', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 400 }), (ids) => {
      const most = 8
      const truth = new Map<number, number>()
      for (const id of ids) truth.set(id, (truth.get(id) ?? 0) + 1)
      const counters = counted(ids, most)
      assert.ok(counters.ids.length <= most)
      for (const { id, times } of mostFrequent(counters, most, 0)) assert.ok(times <= (truth.get(id) ?? 0))
      // Theorem 2 of the paper: what makes up more than 1/m of the stream has a counter.
      for (const [id, times] of truth) if (times > ids.length / most) assert.ok(counters.ids.includes(id), `${id}`)
    }),
  )
})
