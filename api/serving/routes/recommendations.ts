import { z } from 'zod'
import { tableOf } from '#engine/schema'
import { recommendationModels, recommendations } from '#schemas'
import type { Freshness } from '../freshness.ts'
import { notFound, unavailable } from '../refusal.ts'
import { columnOf, type Relation, type Row } from '../relation.ts'
import { type DocumentRoute, json } from '../route.ts'
import type { Store } from '../store/contract.ts'
import { rowSchema } from './rows.ts'

/** What a model publishes for a household; `popularity` has as many. */
const MOST = 50

/** Rows of a topic with when they were written: of two models that know equally much the later one counts. */
function written(topic: typeof recommendations | typeof recommendationModels): Relation {
  const { database, name, fields } = tableOf(topic)
  const at = columnOf('writtenAt', "DateTime64(3, 'UTC')", 'When the row was written.')
  const columns = fields.map((field) => columnOf(field.name, field.type, field.comment))
  return {
    name: `written ${database}.${name}`,
    from: `(SELECT ${columns.map((column) => column.name).join(', ')}, _writtenAt AS writtenAt FROM ${database}.${name} FINAL)`,
    columns: [...columns, at],
    key: ['asOf', 'writtenAt', 'modelVersion'],
    tables: [`${database}.${name}`],
  }
}

const models = written(recommendationModels)
const lists = written(recommendations)

const PRODUCT = ['product_id', 'department', 'category']

export interface RecommendationRelations {
  /** Every household that is known (`gold.dim_households`). */
  readonly households: Relation
  readonly products: Relation
}

/**
 * `/recommendations/{customer}`: what a household may like that it has not bought, by the latest model that knows it; what
 * most households buy, and the answer says so, where none does.
 */
export function recommendationsRoute(
  { households, products }: RecommendationRelations,
  store: Store,
  freshness: Freshness,
): DocumentRoute {
  const tables = [...new Set([households, products, lists, models].flatMap((relation) => relation.tables))]
  const described = { ...products, columns: products.columns.filter(({ name }) => PRODUCT.includes(name)) }
  const latest = async (relation: Relation, where: { column: string; value: string }[] = []) => {
    const conditions = where.map(({ column, value }) => ({ column, is: 'in' as const, values: [value] }))
    const [row] = await store.select({ relation, where: conditions, descending: true, limit: 1 })
    return row
  }
  return {
    path: '/recommendations/{customer}',
    tag: 'Customers',
    summary: 'What a household may like',
    description:
      'For a household of the stores: products that it has not bought, the best first, by the latest model (`kappa train recommendations`). A household that no model knows yet is given what most households buy; `basis` says which of the two it is.',
    scope: 'customers',
    kind: 'document',
    formats: ['json'],
    parts: z.strictObject({
      customer: z
        .string()
        .regex(/^\d{1,18}$/, 'is no household: a whole number')
        .describe('The household.'),
    }),
    query: z.strictObject({
      limit: z
        .string({ error: 'is given more than once' })
        .regex(/^\d{1,3}$/, 'is not a whole number')
        .transform(Number)
        .pipe(z.int().min(1, 'is below 1').max(MOST, `is above ${MOST}`))
        .default(10)
        .describe('How many.'),
      format: z.enum(['json'], 'is not json: a document has no other form').optional().describe('Only `json`.'),
    }),
    answer: z.strictObject({
      customer: z.int(),
      basis: z
        .enum(['model', 'popularity'])
        .describe('`model`: of its own taste. `popularity`: no model knows it; what most households buy.'),
      model_version: z.string(),
      as_of: z.iso.datetime().describe('Purchases before this instant are in it.'),
      data: z.array(
        z.strictObject({
          rank: z.int(),
          ...rowSchema(described.columns).shape,
          score: z
            .number()
            .describe(
              'Of a model: foreseen preference, about 1 for what is bought. Of popularity: share of households.',
            ),
        }),
      ),
    }),
    version: () => freshness.of(tables),
    async serve({ parts, query }) {
      const customer = String(parts.customer)
      const [known, own, model] = await Promise.all([
        store.select({
          relation: households,
          where: [{ column: 'household_id', is: 'in', values: [customer] }],
          descending: false,
          limit: 1,
        }),
        latest(lists, [{ column: 'householdId', value: customer }]),
        latest(models),
      ])
      if (known.length === 0 && own === undefined) throw notFound('customer', `is of no household: ${customer}`)
      const basis = own === undefined ? 'popularity' : 'model'
      const from = own ?? model
      if (from === undefined) throw unavailable('there is no model yet (kappa train recommendations)', 60)
      const scored = (own === undefined ? popularOf(from) : recommendedOf(from)).slice(0, Number(query.limit))
      const about = await aboutOf(store, described, scored)
      const data = scored.map(({ product, score }, n) => ({
        rank: n + 1,
        ...(about.get(product) ?? { product_id: product, department: 'unknown', category: 'unknown' }),
        score,
      }))
      const { modelVersion, asOf } = from
      return {
        body: json({ customer: Number(customer), basis, model_version: modelVersion, as_of: asOf, data }),
        headers: {},
      }
    },
  }
}

interface Scored {
  readonly product: number
  readonly score: number
}

/** Whole numbers of a list may come as text. */
const numbersOf = (value: unknown): number[] => (Array.isArray(value) ? value.map(Number) : [])

function recommendedOf({ products, scores }: Row): readonly Scored[] {
  const all = numbersOf(scores)
  return numbersOf(products).map((product, n) => ({ product, score: all[n] ?? 0 }))
}

function popularOf({ popular, popularHouseholds, households }: Row): readonly Scored[] {
  const counts = numbersOf(popularHouseholds)
  return numbersOf(popular).map((product, n) => ({ product, score: (counts[n] ?? 0) / Number(households) }))
}

async function aboutOf(store: Store, relation: Relation, scored: readonly Scored[]): Promise<ReadonlyMap<number, Row>> {
  if (scored.length === 0) return new Map()
  const rows = await store.select({
    relation,
    where: [{ column: 'product_id', is: 'in', values: scored.map(({ product }) => String(product)) }],
    descending: false,
    limit: MOST,
  })
  return new Map(rows.map((row) => [Number(row.product_id), row]))
}
