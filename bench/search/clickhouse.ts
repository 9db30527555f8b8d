import type { createClient } from '@clickhouse/client'
import { folded } from '../../sinks/search/index.ts'
import type { LabelledProduct } from './labelled.ts'

type Client = ReturnType<typeof createClient>

/** The same products in ClickHouse, folded as the index folds them, so that only matching and ranking differ. */
export async function fill(client: Client, products: readonly LabelledProduct[]): Promise<void> {
  await client.command({ query: 'DROP TABLE IF EXISTS default.index_products SYNC' })
  await client.command({
    query: `CREATE TABLE default.index_products (productId String, text String)
      ENGINE = MergeTree ORDER BY productId`,
  })
  await client.insert({
    table: 'default.index_products',
    format: 'JSONEachRow',
    values: products.map(({ productId, name, category, supplier }) => ({
      productId,
      text: folded(`${name} ${category} ${supplier}`),
    })),
  })
}

/** A ranking by ClickHouse's functions. */
export interface Ranking {
  readonly name: string
  rank(client: Client, text: string): Promise<readonly string[]>
}

const ask = async (
  client: Client,
  query: string,
  query_params: Record<string, unknown>,
): Promise<readonly string[]> => {
  const answer = await client.query({ query, query_params, format: 'JSONCompactEachRow' })
  return (await answer.json<readonly [string]>()).map(([id]) => id)
}

/** How many of the query's three- or four-letter pieces a product has. */
const byPieces: Ranking = {
  name: 'ClickHouse, ngramSearchUTF8',
  rank: (client, text) =>
    ask(
      client,
      `SELECT productId FROM default.index_products
       ORDER BY ngramSearchUTF8(text, {text:String}) DESC, productId LIMIT 10`,
      { text: folded(text) },
    ),
}

export const rankings = [byPieces]
