import { z } from 'zod'
import { decimalOfText } from '#engine/schema'
import { type CatalogueItem, catalogueItems } from '#schemas'
import type { HttpSource } from '../contract.ts'
import { answerOf, fitting, instant, said } from './shape.ts'

/** Text, or a number whose shortest spelling is the price as it was written. */
const euros = z.union([z.string(), z.number()]).transform((price, context) => {
  const cents = decimalOfText(String(price), 2)
  if (cents !== undefined) return cents
  context.addIssue({ code: 'custom', message: 'is no amount with two decimals' })
  return z.NEVER
})

const itemShape = z.object({
  id: z.union([said, z.int().transform(String)]),
  name: said,
  category: said,
  price: euros,
  cost: euros,
  currency: z.literal('EUR').optional(),
  supplier: said,
  warehouse: said,
  updatedAt: instant,
})

const answerShape = z.object({ items: z.array(z.unknown()), next: z.string().nullish() })

/**
 * The products of a shop: `{ items: [{ id, name, category, price, cost, supplier, warehouse, updatedAt }], next }`, page by
 * page; the next page is named by `next` or by the header `Link` (RFC 8288). Unchanged pages cost one request and no body
 * where the server knows ETag or Last-Modified.
 */
export const productCatalogue: HttpSource = {
  name: 'product-catalogue',
  doc: "a shop's products, page by page",
  topics: [catalogueItems],
  key: { variable: 'KAPPA_CATALOGUE_KEY', in: 'bearer', optional: true },
  intervalMs: 900_000,
  perMinute: 120,
  targets: ({ baseUrl, pageSize }) => [{ name: 'products', url: `${baseUrl}/products?limit=${pageSize}` }],
  read(answer, { linked }) {
    const { items, next } = answerOf(answerShape, answer, 'a product catalogue')
    const following = next ?? linked
    return {
      items: items.map((item) => {
        const fit = fitting(itemShape, item)
        if ('reason' in fit) return [{ topic: catalogueItems, found: item, reason: fit.reason }]
        const { id, name, category, price, cost, supplier, warehouse, updatedAt } = fit.value
        const value: CatalogueItem = {
          ...{ productId: id, name, category, listPrice: price, unitCost: cost, supplier, warehouse },
          validFrom: updatedAt,
        }
        return [{ about: id, topic: catalogueItems, value, order: updatedAt }]
      }),
      ...(following === undefined ? {} : { next: following }),
    }
  },
}
