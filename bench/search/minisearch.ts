import MiniSearch from 'minisearch'
import { singular, wordsOf } from '../../sinks/search/index.ts'
import type { LabelledProduct } from './labelled.ts'

/** MiniSearch as it comes (BM25+, prefix, fuzzy), with the words and field weights of the house. */
export function miniSearch(combineWith: 'AND' | 'OR') {
  const empty = () =>
    new MiniSearch<LabelledProduct>({
      idField: 'productId',
      fields: ['name', 'category', 'supplier', 'productId'],
      tokenize: (text) => [...wordsOf(text)],
      processTerm: singular,
      searchOptions: {
        boost: { name: 3, category: 2, supplier: 1, productId: 4 },
        prefix: (term) => term.length >= 2,
        fuzzy: (term) => (/\d/.test(term) || term.length < 4 ? 0 : term.length < 8 ? 1 : 2),
        combineWith,
      },
    })
  let index = empty()
  return {
    name: `MiniSearch as it is, ${combineWith}`,
    async fill(products: readonly LabelledProduct[]) {
      index = empty()
      index.addAll(products)
    },
    rank: async (text: string): Promise<readonly string[]> =>
      index
        .search(text)
        .slice(0, 10)
        .map(({ id }) => String(id)),
  }
}
