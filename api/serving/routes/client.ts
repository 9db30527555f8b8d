import { z } from 'zod'
import type { Freshness } from '../freshness.ts'
import { notFound } from '../refusal.ts'
import type { Relation, Row } from '../relation.ts'
import { type DocumentRoute, json } from '../route.ts'
import type { Store } from '../store/contract.ts'
import { COMPLETE_UNTIL, completeUntilOf, memoised } from './listing.ts'
import { rowSchema } from './rows.ts'

/** Purchase lines that the document holds; all of them are at `/achats?id_client=`. */
export const MOST_LINES = 200

export interface ClientRelations {
  readonly clients: Relation
  readonly achats: Relation
  readonly clv: Relation
  readonly rfm: Relation
  /** Says until when purchases are complete. */
  readonly revenueDay: Relation
}

/** One customer in one document: who they are, what they ordered, what they are worth, which segment they are in. */
export function clientRoute(relations: ClientRelations, store: Store, freshness: Freshness): DocumentRoute {
  const { clients, achats, clv, rfm, revenueDay } = relations
  const lineColumns = achats.columns.filter(({ name }) => !OF_ORDER.has(name))
  const complete = memoised((_: string) => completeUntilOf(store, revenueDay))
  const tables = [...new Set(Object.values(relations).flatMap((relation: Relation) => relation.tables))]
  const id = z.string().min(1, 'is empty').max(200, 'is longer than 200 characters').describe('The customer.')
  return {
    path: '/clients/{id}',
    tag: 'Customers',
    summary: 'One customer as one document',
    description: `The customer, the latest orders (up to ${MOST_LINES} purchase lines), key figures and the RFM segment, all of one build of gold.`,
    scope: 'customers',
    kind: 'document',
    formats: ['json'],
    parts: z.strictObject({ id }),
    query: z.strictObject({
      format: z.enum(['json'], 'is not json: a document has no other form').optional().describe('Only `json`.'),
    }),
    answer: z.strictObject({
      client: rowSchema(clients.columns),
      commandes: z
        .array(
          z.strictObject({
            id_commande: z.string(),
            jour: z.iso.date(),
            lignes: z.array(rowSchema(lineColumns)),
          }),
        )
        .describe('Orders, the latest first.'),
      commandes_suite: z.string().nullable().describe('Where older purchase lines are; null where all are here.'),
      kpis: rowSchema(clv.columns).nullable().describe('Null for a customer without purchases.'),
      rfm: rowSchema(rfm.columns).nullable().describe('Null for `unknown`.'),
    }),
    version: () => freshness.of(tables),
    async serve({ parts }, version) {
      const wanted = String(parts.id)
      const of = (relation: Relation, limit: number, descending = false) =>
        store.select({
          relation,
          where: [{ column: 'id_client', is: 'in', values: [wanted] }],
          descending,
          limit,
        })
      const [[client], lines, [worth], [segment], until] = await Promise.all([
        of(clients, 1),
        of(achats, MOST_LINES + 1, true),
        of(clv, 1),
        of(rfm, 1),
        complete(version),
      ])
      if (client === undefined) throw notFound('id', `is of no customer: ${wanted}`)
      const more = lines.length > MOST_LINES
      const body = {
        client,
        commandes: ordersOf(lines.slice(0, MOST_LINES)),
        commandes_suite: more ? `/achats?id_client=${encodeURIComponent(wanted)}` : null,
        kpis: worth ?? null,
        rfm: segment ?? null,
      }
      return { body: json(body), headers: until === undefined ? {} : { [COMPLETE_UNTIL]: until } }
    },
  }
}

/** Said once for the order, or for the customer. */
const OF_ORDER = new Set(['id_commande', 'id_client', 'jour'])

function ordersOf(lines: readonly Row[]) {
  const orders = new Map<string, { id_commande: string; jour: unknown; lignes: Row[] }>()
  for (const line of lines) {
    const { id_commande, id_client: _, jour, ...own } = line
    const order = orders.get(String(id_commande)) ?? { id_commande: String(id_commande), jour, lignes: [] }
    order.lignes.push(own)
    orders.set(order.id_commande, order)
  }
  return [...orders.values()]
}
