import type { createClient } from '@clickhouse/client'
import { folded, singular, wordsOf } from '../../sinks/search/index.ts'
import type { LabelledProduct } from './labelled.ts'

type Client = ReturnType<typeof createClient>

/** The same products in ClickHouse: words folded as the index folds them, so that only matching and ranking differ. */
export async function fill(client: Client, products: readonly LabelledProduct[]): Promise<void> {
  await client.command({ query: 'DROP TABLE IF EXISTS default.index_products SYNC' })
  await client.command({
    query: `CREATE TABLE default.index_products (productId String, text String, words Array(LowCardinality(String)), head Array(LowCardinality(String)))
      ENGINE = MergeTree ORDER BY productId`,
  })
  await client.insert({
    table: 'default.index_products',
    format: 'JSONEachRow',
    values: products.map(({ productId, name, category, supplier }) => ({
      productId,
      text: folded(`${name} ${category} ${supplier}`),
      words: [name, category, supplier].flatMap((text) => wordsOf(text).map(singular)),
      head: wordsOf(name).map(singular),
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

/**
 * Word by word: each word of the query counts by its best match in the product (the word itself, a beginning, within one or
 * two slips by damerauLevenshteinDistance), times how rare it is; words of the name count more.
 */
const byWords: Ranking = {
  name: 'ClickHouse, words with damerauLevenshteinDistance',
  rank: (client, text) =>
    ask(
      client,
      `WITH {words:Array(String)} AS asked,
         assumeNotNull((SELECT sumForEach(arrayMap(w -> toUInt64(has(words, w)), asked)) FROM default.index_products)) AS seen,
         assumeNotNull((SELECT count() FROM default.index_products)) AS everything,
         arrayMap(n -> log(1 + everything / (1 + n)), seen) AS rarity
       SELECT productId FROM (
         SELECT productId, arraySum(
           (w, r) -> r * arrayMax(t -> multiIf(
             t = w, 1.,
             startsWith(t, w), 0.6,
             length(w) >= 4 AND NOT match(w, '[0-9]') AND damerauLevenshteinDistance(toString(t), w) <= if(length(w) < 8, 1, 2), 0.4,
             0.) * if(has(head, t), 3, 2), words),
           asked, rarity) AS score
         FROM default.index_products
       )
       WHERE score > 0
       ORDER BY score DESC, productId LIMIT 10`,
      { words: wordsOf(text).map(singular) },
    ),
}

export const rankings = [byPieces, byWords]
