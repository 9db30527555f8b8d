import assert from 'node:assert/strict'
import { test } from 'node:test'
import { world } from '../api-fixture.ts'

interface Found {
  readonly total: number
  readonly data: readonly { readonly productId: string; readonly score: number }[]
  readonly facets: Readonly<Record<string, readonly { readonly value: string; readonly count: number }[]>>
  readonly next: string | null
}

test('products are searched for, counted by facet, filtered and paged; a change makes another ETag', async () => {
  await using api = await world()
  const put = (n: number, name: string, category: string, listPrice = '10.00') =>
    api.index.put({ productId: `p-${n}`, name, category, listPrice, supplier: n % 2 === 0 ? 'Bovary' : 'Effi' }, n)
  put(1, 'Crème Brûlée Torch', 'kitchen', '35.00')
  for (let n = 2; n < 12; n++) put(n, `Rustic Cotton shirt ${n}`, 'shirts', `${n}.99`)
  const find = async (url: string) => {
    const response = await api.get(url)
    assert.equal(response.statusCode, 200, response.body)
    return response.json<Found>()
  }
  assert.deepEqual(
    (await find('/products?search=creme+brulee')).data.map(({ productId }) => productId),
    ['p-1'],
  )
  const cotton = await find('/products?search=coton+shrit&limit=4')
  assert.deepEqual([cotton.total, cotton.data.length], [10, 4])
  assert.deepEqual(cotton.facets.supplier, [
    { value: 'Bovary', count: 5 },
    { value: 'Effi', count: 5 },
  ])
  const seen = new Set(cotton.data.map(({ productId }) => productId))
  let next = cotton.next
  while (next !== null) {
    const page: Found = await find(`/products?search=coton+shrit&limit=4&cursor=${next}`)
    for (const { productId } of page.data) seen.add(productId)
    next = page.next
  }
  assert.equal(seen.size, 10)
  assert.equal((await find('/products?search=cotton&supplier=Effi&price_max=6')).total, 2)
  assert.equal((await find('/products')).total, 11)
  const csv = await api.get('/products?search=torch', { accept: 'text/csv' })
  assert.match(
    csv.body,
    /^productId,name,category,listPrice,supplier,score\r\np-1,Crème Brûlée Torch,kitchen,35\.00,Effi,/,
  )
  const etag = String((await api.get('/products')).headers.etag)
  assert.equal((await api.get('/products', { 'if-none-match': etag })).statusCode, 304)
  put(12, 'Rustic Cotton shirt 12', 'shirts')
  assert.equal((await api.get('/products', { 'if-none-match': etag })).statusCode, 200)
  api.products.ready = false
  assert.equal((await api.get('/products')).statusCode, 503)
})
