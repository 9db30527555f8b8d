import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { catalogueItems } from '#schemas'
import { facetFields, type ProductIndex } from '../../../sinks/search/index.ts'
import { cursorOf, fingerprintOf, placeOf } from '../cursor.ts'
import { formats, paging } from '../parameters.ts'
import { unavailable } from '../refusal.ts'
import { columnOf } from '../relation.ts'
import type { DocumentRoute } from '../route.ts'
import { bodyOf, rowSchema } from './rows.ts'

const docOf = (name: string): string => catalogueItems.contract.fields.find((field) => field.name === name)?.doc ?? ''

const columns = [
  columnOf('productId', 'String', docOf('productId')),
  columnOf('name', 'String', docOf('name')),
  columnOf('category', 'String', docOf('category')),
  columnOf('listPrice', 'Decimal(18, 2)', docOf('listPrice')),
  columnOf('supplier', 'String', docOf('supplier')),
  columnOf('score', 'Float64', 'How well it fits: larger is better; 0 where nothing was searched for.'),
]

const text = z.string({ error: 'is given more than once' }).max(200, 'is longer than 200 characters')
const values = z.preprocess(
  (value) => (Array.isArray(value) ? value : [value]),
  z.array(text.min(1, 'is empty')).max(50),
)
const price = z
  .string({ error: 'is given more than once' })
  .regex(/^\d{1,12}(\.\d{1,2})?$/, 'is not a price like 12.34')

/** The place in a ranking is a number of products. */
const PLACE = [columnOf('offset', 'UInt32', 'Products before.')]

export interface ProductSearch {
  readonly index: ProductIndex
  /** False while the index is being filled. */
  readonly ready: boolean
}

/** `/products`: the search. */
export function productsRoute(search: ProductSearch): DocumentRoute {
  // Another process counts its changes from the beginning again.
  const process = randomUUID()
  const facet = z.array(z.strictObject({ value: z.string(), count: z.int() }))
  return {
    path: '/products',
    tag: 'Products',
    summary: 'Products, searched for as people type',
    description:
      'Accents, plurals and a typo or two are forgiven, words may be cut short; a product that has all the words comes before those that have some. `facets` count everything that was found.',
    scope: 'products',
    kind: 'document',
    formats,
    parts: z.strictObject({}),
    query: z.strictObject({
      search: text.optional().describe('What is looked for. Absent: every product, by its id.'),
      category: values.optional().describe('Any of these categories.'),
      supplier: values.optional().describe('Any of these suppliers.'),
      price_min: price.optional().describe('At least, in euros.'),
      price_max: price.optional().describe('At most, in euros.'),
      ...paging,
    }),
    answer: z.strictObject({
      total: z.int().describe('Products that were found.'),
      data: z.array(rowSchema(columns)).describe('The best first.'),
      facets: z.strictObject(Object.fromEntries(facetFields.map((field) => [field, facet]))),
      next: z.string().nullable().describe('Cursor of the next page; null on the last one.'),
    }),
    async version() {
      if (!search.ready) throw unavailable('the index of products is being filled')
      return `${process} ${search.index.version}`
    },
    async serve({ query, format }) {
      const { search: wanted, category, supplier, price_min, price_max, cursor } = query
      const limit = Number(query.limit)
      const fingerprint = fingerprintOf([wanted, category, supplier, price_min, price_max])
      const offset = typeof cursor === 'string' ? Number(placeOf(cursor, fingerprint, PLACE)[0]) : 0
      const { total, hits, facets } = search.index.find({
        ...{ offset, limit },
        ...(typeof wanted === 'string' ? { text: wanted } : {}),
        ...(Array.isArray(category) ? { category } : {}),
        ...(Array.isArray(supplier) ? { supplier } : {}),
        ...(price_min === undefined ? {} : { priceMin: Number(price_min) }),
        ...(price_max === undefined ? {} : { priceMax: Number(price_max) }),
      })
      const rows = hits.map(({ product, score }) => ({ ...product, score: Math.round(score * 1_000) / 1_000 }))
      const next = offset + limit < total ? cursorOf(fingerprint, [offset + limit]) : null
      return { body: bodyOf(format, columns, rows, (data) => ({ total, data, facets, next })), headers: {} }
    },
  }
}
