import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { range, standbyPartitions } from './standby.ts'

const ids = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,6}$/), { minLength: 1, maxLength: 6 })

test('ranges deal every partition once, and none differs by more than one', () => {
  fc.assert(
    fc.property(ids, fc.integer({ min: 0, max: 30 }), (members, partitions) => {
      const shares = members.map((id) => range(id, members, partitions))
      const dealt = shares.flat().sort((a, b) => a - b)
      assert.deepEqual(
        dealt,
        Array.from({ length: partitions }, (_, n) => n),
      )
      const sizes = shares.map(({ length }) => length)
      assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1)
    }),
  )
})

test('whoever leaves, each of the others is given what it has or stands by for', () => {
  fc.assert(
    fc.property(
      ids,
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 2 }),
      fc.nat(),
      (all, count, n, seed) => {
        const leaving = new Set(Array.from({ length: n }, (_, i) => all[(seed + i) % all.length]))
        const left = all.filter((id) => !leaving.has(id))
        for (const me of left) {
          const ready = new Set([...range(me, all, count), ...standbyPartitions(me, all, count, n)])
          for (const partition of range(me, left, count)) assert.ok(ready.has(partition), `${me} gets ${partition}`)
        }
      },
    ),
  )
})

test('alone, or with standbys of 0, nothing is followed; of two, each follows what the other has', () => {
  assert.deepEqual([...standbyPartitions('a', ['a'], 4, 1)], [])
  assert.deepEqual([...standbyPartitions('a', ['a', 'b'], 4, 0)], [])
  assert.deepEqual([...standbyPartitions('a', ['a', 'b'], 4, 1)], [2, 3])
  assert.deepEqual([...standbyPartitions('b', ['a', 'b'], 4, 1)], [0, 1])
})
