import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type IndexedProduct, ProductIndex } from './product-index.ts'
import { folded, singular, wordsOf } from './words.ts'

const product = (productId: string, name: string, change: Partial<IndexedProduct> = {}): IndexedProduct => ({
  ...{ productId, name, category: 'kitchen', listPrice: '10.00', supplier: 'Bovary' },
  ...change,
})

const found = (index: ProductIndex, text: string): readonly string[] =>
  index.find({ text, offset: 0, limit: 10 }).hits.map(({ product }) => product.productId)

test('words are compared without accents, case, plural and ligatures', () => {
  assert.equal(folded('CRÈME Brûlée, Œufs, Straße, Škoda'), 'creme brulee, oeufs, strasse, skoda')
  assert.deepEqual(wordsOf('l’éponge n° 42—bleue'), ['l', 'eponge', 'n', '42', 'bleue'])
  assert.deepEqual(['shirts', 'bodies', 'gateaux', 'dress', 'gas'].map(singular), [
    'shirt',
    'body',
    'gateau',
    'dress',
    'gas',
  ])
})

test('accents, plurals, typos and cut words are forgiven; numbers are not', () => {
  const index = new ProductIndex()
  index.put(product('p-1', 'Crème Brûlée Torch'), 1)
  index.put(product('p-2', 'Cotton Shirts 0042', { category: 'shirts' }), 2)
  index.put(product('p-3', 'Cotton Shirts 0043', { category: 'shirts' }), 3)
  for (const text of ['creme brulee', 'CRÈME', 'torchs', 'trch', 'tor', 'creem', 'torch creme'])
    assert.equal(found(index, text)[0], 'p-1', text)
  assert.deepEqual(found(index, '0042'), ['p-2'])
  assert.deepEqual(found(index, 'cotton shirt 0043'), ['p-3', 'p-2'])
  assert.deepEqual(found(index, 'p-3').slice(0, 1), ['p-3'])
  assert.deepEqual(found(index, 'zebra'), [])
  assert.equal(found(index, 'cotton zebra').length, 2, 'half of the words are enough')
  assert.equal(found(index, 'cotton zebra torch parade').length, 0, 'less is not')
})

test('what fits exactly comes before what fits nearly', () => {
  const index = new ProductIndex()
  index.put(product('p-1', 'Boot'), 1)
  index.put(product('p-2', 'Book'), 2)
  index.put(product('p-3', 'Bookshelf'), 3)
  assert.deepEqual(found(index, 'book'), ['p-2', 'p-3'])
  assert.deepEqual(found(index, 'bookk'), ['p-2'])
  assert.deepEqual([...found(index, 'boo')].sort(), ['p-1', 'p-2', 'p-3'])
})

test('of one product, a later row replaces an earlier one, whatever comes how often and in which order', () => {
  const index = new ProductIndex()
  index.put(product('p-1', 'Lamp'), 5)
  index.put(product('p-1', 'Torch'), 9)
  index.put(product('p-1', 'Lamp'), 5)
  assert.deepEqual([found(index, 'torch'), found(index, 'lamp')], [['p-1'], []])
  const { version } = index
  index.put(product('p-1', 'Torch'), 9)
  assert.equal(index.version, version, 'nothing changed')
  index.remove('p-1', 12)
  index.put(product('p-1', 'Torch'), 9)
  assert.deepEqual([found(index, 'torch'), index.size], [[], 0])
  index.put(product('p-1', 'Lantern'), 13)
  assert.deepEqual(found(index, 'lantern'), ['p-1'])
})

test('facets count everything that fits, not a page of it', () => {
  const index = new ProductIndex()
  for (let n = 0; n < 30; n++)
    index.put(product(`p-${n}`, `Lamp ${n}`, { category: n % 3 === 0 ? 'toys' : 'kitchen', listPrice: `${n}.00` }), n)
  const { total, hits, facets } = index.find({ text: 'lamp', priceMin: 10, offset: 0, limit: 5 })
  assert.deepEqual([total, hits.length], [20, 5])
  assert.deepEqual(facets.category, [
    { value: 'kitchen', count: 14 },
    { value: 'toys', count: 6 },
  ])
})
