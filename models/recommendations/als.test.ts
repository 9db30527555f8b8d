import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type AlsSettings, alternatingLeastSquares } from './als.ts'
import type { Sparse } from './bought.ts'

/** Rows of baskets by column. */
const sparse = (rows: readonly (readonly number[])[]): Sparse => {
  const at: number[] = []
  const times: number[] = []
  const starts = [0]
  for (const row of rows) {
    for (const [column, value] of row.entries())
      if (value > 0) {
        at.push(column)
        times.push(value)
      }
    starts.push(at.length)
  }
  const shape = { rows: rows.length, columns: rows[0]?.length ?? 0 }
  return { ...shape, starts: Int32Array.from(starts), at: Int32Array.from(at), times: Float64Array.from(times) }
}

const settings: AlsSettings = { factors: 2, regularization: 0.1, alpha: 1, iterations: 30, seed: 7 }
const close = (a: number, b: number, within = 1e-9) => assert.ok(Math.abs(a - b) < within, `${a} is not ${b}`)

/** What the paper minimises, pair by pair, by pair. */
function lossByHand(rows: readonly (readonly number[])[], x: Float64Array, y: Float64Array, s: AlsSettings): number {
  let sum = 0
  for (const [u, row] of rows.entries())
    for (const [i, times] of row.entries()) {
      let score = 0
      for (let f = 0; f < s.factors; f++) score += (x[u * s.factors + f] ?? 0) * (y[i * s.factors + f] ?? 0)
      sum += (1 + s.alpha * Math.sqrt(times)) * ((times > 0 ? 1 : 0) - score) ** 2
    }
  for (const value of [...x, ...y]) sum += s.regularization * value ** 2
  return sum / (rows.length * (rows[0]?.length ?? 0))
}

test('one household and one product: where it must end can be worked out', async () => {
  // c = 1 + 2·√9 = 7; x = c y / (c y² + 1) and y likewise, so x² = y² = 1 − 1/7.
  const one = { factors: 1, regularization: 1, alpha: 2, iterations: 200, seed: 3 }
  const { households, products, loss } = await alternatingLeastSquares(sparse([[9]]), one)
  close((households[0] ?? 0) ** 2, 6 / 7)
  close((products[0] ?? 0) ** 2, 6 / 7)
  close(loss, 7 * (1 - 6 / 7) ** 2 + 2 * (6 / 7))
})

test('the loss is that of the paper, and the half step that came last is its minimum', async () => {
  const rows = [
    [1, 4, 0, 0],
    [9, 1, 0, 1],
    [0, 0, 1, 2],
  ]
  const { households, products, loss } = await alternatingLeastSquares(sparse(rows), settings)
  close(loss, lossByHand(rows, households, products, settings))
  // Products were solved last, with as many steps as there are factors or more: every step away is up.
  for (let i = 0; i < products.length; i++)
    for (const step of [-1e-3, 1e-3]) {
      const moved = products.slice()
      moved[i] = (moved[i] ?? 0) + step
      assert.ok(lossByHand(rows, households, moved, settings) > loss - 1e-12)
    }
})

test('each pass makes it smaller', async () => {
  const rows = [[1, 0, 2, 0, 1], [0, 3, 0, 1, 0], [1, 1, 0, 0, 4], [0, 0, 1, 1, 0]] // biome-ignore format: a table
  const losses: number[] = []
  for (let iterations = 1; iterations <= 6; iterations++)
    losses.push((await alternatingLeastSquares(sparse(rows), { ...settings, iterations })).loss)
  for (const [n, loss] of losses.entries()) assert.ok(n === 0 || loss <= (losses[n - 1] ?? 0) + 1e-12, losses.join(' '))
})

test('a household or product without a pair has no taste; the pulse tells how far it is and can stop it', async () => {
  const { households } = await alternatingLeastSquares(sparse([[1, 0], [0, 0]]), settings) // biome-ignore format: a table
  assert.deepEqual([...households.subarray(2)], [0, 0])
  const told: number[][] = []
  const stopping = alternatingLeastSquares(sparse([[1]]), { ...settings, iterations: 2 }, (...at) => {
    told.push(at)
    if (told.length === 3) throw new Error('stop')
  })
  await assert.rejects(stopping, /stop/)
  assert.deepEqual(told, [[1, 4], [2, 4], [3, 4]]) // biome-ignore format: a table
})
