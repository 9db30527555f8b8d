import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Baskets, type Line } from './baskets.ts'
import { mostBought } from './bought.ts'
import { recommendationsOf, trained } from './model.ts'
import { best } from './ranking.ts'

const line = (basketId: number, householdId: number, productId: number): Line => ({ basketId, householdId, productId })
const bought = (lines: readonly Line[]) => {
  const baskets = new Baskets()
  for (const one of lines) baskets.add(one)
  return baskets.bought()
}
const settings = { factors: 4, regularization: 0.1, alpha: 4, iterations: 10, seed: 7 }

test('baskets are counted by household and product, each once however many lines it has', () => {
  const lines = [line(1, 8, 50), line(1, 8, 50), line(2, 8, 50), line(2, 8, 40), line(3, 5, 50)]
  const { households, products, lines: count, matrix } = bought(lines)
  assert.deepEqual([households, products, count], [[5, 8], [40, 50], 5]) // biome-ignore format: a table
  assert.deepEqual([...matrix.starts], [0, 1, 3])
  assert.deepEqual([...matrix.at], [1, 0, 1])
  assert.deepEqual([...matrix.times], [1, 1, 2])
  assert.deepEqual(mostBought(bought(lines), 1), [{ productId: 50, households: 2 }])
})

const someLines = fc.array(
  fc.record({
    basketId: fc.integer({ min: 1, max: 30 }),
    householdId: fc.integer({ min: 1, max: 6 }),
    productId: fc.integer({ min: 1, max: 9 }),
  }),
  { minLength: 1, maxLength: 60 },
)

test('the same lines in any order, told again or not, are the same model, byte for byte', async () => {
  await fc.assert(
    fc.asyncProperty(someLines, fc.integer({ min: 1, max: 1e6 }), async (lines, n) => {
      const turned = lines.map((_, i) => lines[(i * 7 + n) % lines.length] ?? line(1, 1, 1))
      const rotated = [...lines.slice(n % lines.length), ...lines.slice(0, n % lines.length)]
      const [a, b, c] = [bought(lines), bought(rotated.toReversed()), bought([...rotated, ...turned])]
      const models = await Promise.all([a, b, c].map((one) => trained(one, settings)))
      assert.equal(new Set(models.map(({ version }) => version)).size, 1)
      const [first, ...others] = models.map(({ factors }) => Buffer.from(factors.products.buffer))
      for (const other of others) assert.ok(first?.equals(other))
    }),
    { numRuns: 40 },
  )
})

test('another seed, setting or basket is another version', async () => {
  const lines = [line(1, 1, 10), line(2, 2, 10), line(3, 2, 20)]
  const versions = [
    await trained(bought(lines), settings),
    await trained(bought(lines), { ...settings, seed: 8 }),
    await trained(bought(lines), { ...settings, iterations: 9 }),
    await trained(bought([...lines, line(4, 2, 20)]), settings),
  ].map(({ version }) => version)
  assert.equal(new Set(versions).size, 4)
})

test('a household is recommended what those like it buy, and nothing that it bought', async () => {
  // Households 1 to 4 buy 10, 11 and 12, households 5 to 8 buy 20, 21 and 22; the last of each has not yet bought one of them.
  const lines = [1, 2, 3, 4, 5, 6, 7, 8].flatMap((household) =>
    [0, 1, 2]
      .filter((n) => !((household === 4 || household === 8) && n === 2))
      .map((n) => line(household * 10, household, (household <= 4 ? 10 : 20) + n)),
  )
  const all = [...recommendationsOf(await trained(bought(lines), settings), 2)]
  const of = (id: number) => all.find(({ householdId }) => householdId === id)
  assert.equal(of(4)?.products[0], 12)
  assert.equal(of(8)?.products[0], 22)
  assert.deepEqual(of(1)?.products.length, 2)
  for (const { householdId, products, scores } of all) {
    const own = new Set(lines.filter((one) => one.householdId === householdId).map(({ productId }) => productId))
    assert.ok(products.every((product) => !own.has(product)))
    assert.ok(scores.every((score, n) => n === 0 || score <= (scores[n - 1] ?? 0)))
  }
})

test('the best by score are those that sorting would put first', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 60 }),
      fc.integer({ min: 1, max: 9 }),
      (list, most) => {
        const sorted = list.map((_, column) => column).sort((a, b) => (list[b] ?? 0) - (list[a] ?? 0) || a - b)
        assert.deepEqual(best(Float64Array.from(list), most).columns, sorted.slice(0, most))
      },
    ),
  )
})
