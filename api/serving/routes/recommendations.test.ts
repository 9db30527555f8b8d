import assert from 'node:assert/strict'
import { test } from 'node:test'
import { world } from '../api-fixture.ts'

interface Answer {
  readonly customer: number
  readonly basis: string
  readonly model_version: string
  readonly as_of: string
  readonly data: readonly Readonly<Record<string, unknown>>[]
}

const household = (household_id: number) => ({ household_id, is_known: true, age: 'unknown', income: 'unknown' })
const list = (
  householdId: number,
  modelVersion: string,
  asOf: string,
  writtenAt: string,
  products: readonly unknown[],
) => ({
  ...{ householdId, modelVersion, asOf, writtenAt, products },
  scores: products.map((_, n) => 0.5 - n / 10),
})

async function asked() {
  const api = await world()
  const { rows } = api.store
  const [may, june] = ['2017-05-01T00:00:00.000Z', '2017-06-01T00:00:00.000Z']
  rows.set('gold.dim_households', [household(1), household(2)])
  rows.set('gold.dim_store_products', [
    { product_id: 10, is_known: true, department: 'GROCERY', category: 'MILK', brand: 'National' },
  ])
  rows.set('written retail.recommendations', [
    list(1, 'als-b', june, may, [90]),
    // The latest: trained as of the same instant, written later. Whole numbers may come as text.
    list(1, 'als-a', june, june, ['10', 20, 30]),
    list(1, 'als-c', may, june, [80]),
  ])
  rows.set('written retail.recommendation_models', [
    ...[
      {
        modelVersion: 'als-a',
        asOf: june,
        writtenAt: june,
        households: 4,
        popular: [20, 10],
        popularHouseholds: [3, 1],
      },
    ],
  ])
  return api
}

test('a household that the model knows is given what it may like, with what is known of the products', async () => {
  await using api = await asked()
  const response = await api.get('/recommendations/1?limit=2')
  assert.equal(response.statusCode, 200, response.body)
  api.routeOf('/recommendations/{customer}').answer.parse(response.json())
  assert.deepEqual(response.json(), {
    ...{ customer: 1, basis: 'model', model_version: 'als-a', as_of: '2017-06-01T00:00:00.000Z' },
    data: [
      { rank: 1, product_id: 10, department: 'GROCERY', category: 'MILK', score: 0.5 },
      { rank: 2, product_id: 20, department: 'unknown', category: 'unknown', score: 0.4 },
    ],
  })
})

test('one that no model knows is given what is popular, and told so; one that nobody knows is not found', async () => {
  await using api = await asked()
  const { basis, data } = (await api.get('/recommendations/2')).json<Answer>()
  assert.equal(basis, 'popularity')
  assert.deepEqual(
    data.map(({ product_id, score }) => [product_id, score]),
    [
      [20, 0.75],
      [10, 0.25],
    ],
  )
  const unknown = await api.get('/recommendations/3')
  assert.equal(unknown.statusCode, 404)
  assert.match(unknown.body, /"field":"customer"/)
})

test('a wrong id or limit, and a token without the scope, are refused; without a model it is for later', async () => {
  await using api = await asked()
  for (const [url, field] of [
    ['/recommendations/C-1', 'customer'],
    ['/recommendations/1?limit=51', 'limit'],
    ['/recommendations/1?limit=0', 'limit'],
  ] as const) {
    const refused = await api.get(url)
    assert.equal(refused.statusCode, 400, url)
    assert.equal(refused.json<{ errors: { field: string }[] }>().errors[0]?.field, field)
  }
  const token = api.token('figures')
  assert.equal((await api.get('/recommendations/1', { authorization: `Bearer ${token}` })).statusCode, 403)
  api.store.rows.set('written retail.recommendation_models', [])
  api.store.version += 1
  assert.equal((await api.get('/recommendations/2')).statusCode, 503)
})
