import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { kMeans, nearest, squaredDistance } from './kmeans.ts'

const settings = { clusters: 3, seed: 7, starts: 4 }

test('clouds that lie apart are found, whatever the seed', () => {
  const rows = [[0, 0], [50, 0], [0, 80]].flatMap(([x = 0, y = 0]) =>
    Array.from({ length: 9 }, (_, n) => [x + (n % 3), y + Math.floor(n / 3)]),
  ) // biome-ignore format: a table
  for (let seed = 0; seed < 20; seed++) {
    const found = kMeans(rows, { ...settings, seed })
    assert.deepEqual(found?.centres.map((centre) => centre.map(Math.round)).sort(), [[1, 1], [1, 81], [51, 1]]) // biome-ignore format: a row
    assert.equal(found?.inertia, 3 * 12)
  }
})

test('fewer different rows than clusters are no clusters; as many are each its own', () => {
  assert.equal(kMeans([], settings), undefined)
  assert.equal(kMeans([[1], [2], [1], [2]], settings), undefined)
  assert.deepEqual(kMeans([[1], [2], [1], [5]], settings)?.inertia, 0)
})

const rowsOf = fc.array(fc.tuple(fc.double({ min: -5, max: 5, noNaN: true }), fc.integer({ min: -9, max: 9 })), {
  minLength: 3,
  maxLength: 60,
})

test('the same rows and settings give the same centres bit for bit; every centre is the mean of its rows', () => {
  fc.assert(
    fc.property(rowsOf, fc.nat(), (rows, seed) => {
      const found = kMeans(rows, { ...settings, seed })
      assert.deepEqual(kMeans(rows, { ...settings, seed }), found)
      if (found === undefined) return
      const own = rows.map((row) => nearest(found.centres, row))
      for (const [n, centre] of found.centres.entries()) {
        const its = rows.filter((_, i) => own[i]?.cluster === n)
        if (its.length === 0) continue
        const mean = [0, 1].map((j) => its.reduce((sum, row) => sum + (row[j] ?? 0), 0) / its.length)
        assert.ok(squaredDistance(mean, centre) < 1e-18, `${mean} is not ${centre}`)
      }
      const inertia = own.reduce((sum, { squared }) => sum + squared, 0)
      assert.equal(inertia, found.inertia)
    }),
    { numRuns: 60 },
  )
})

test('more beginnings never end worse', () => {
  fc.assert(
    fc.property(rowsOf, fc.nat(), (rows, seed) => {
      const [one, more] = [1, 6].map((starts) => kMeans(rows, { ...settings, seed, starts })?.inertia)
      assert.ok(one === undefined || more === undefined || more <= one)
    }),
    { numRuns: 40 },
  )
})
