/**
 * recall@20 and NDCG@100 as in Liang, Krishnan, Hoffman, Jebara 2018, "Variational Autoencoders for Collaborative Filtering":
 * of the first twenty how many were bought, by the most that could be (20, or all that was bought where it is less); and gains of 1
 * discounted by log2(1 + place), by those of the best order. Means over households that bought anything that counts.
 */
export interface Measures {
  readonly households: number
  readonly recall20: number
  readonly ndcg100: number
}

const RECALL = 20
export const NDCG = 100

const discount = (place: number): number => 1 / Math.log2(2 + place)
const best = Array.from({ length: NDCG + 1 }, (_, n) =>
  Array.from({ length: n }, (_, i) => discount(i)).reduce((a, b) => a + b, 0),
)

/** @param lists the first hundred columns of each row, the best first */
export function measured(lists: readonly ArrayLike<number>[], truth: readonly ReadonlySet<number>[]): Measures {
  let [households, recall, ndcg] = [0, 0, 0]
  for (const [row, bought] of truth.entries()) {
    if (bought.size === 0) continue
    households += 1
    let [hits, gains] = [0, 0]
    const list = lists[row] ?? []
    for (let place = 0; place < Math.min(NDCG, list.length); place++) {
      if (!bought.has(list[place] as number)) continue
      gains += discount(place)
      if (place < RECALL) hits += 1
    }
    recall += hits / Math.min(RECALL, bought.size)
    ndcg += gains / (best[Math.min(NDCG, bought.size)] as number)
  }
  return { households, recall20: recall / households, ndcg100: ndcg / households }
}
