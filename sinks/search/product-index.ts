import MiniSearch, { type SearchOptions } from 'minisearch'
import { singular, wordsOf } from './words.ts'

/** A product as the index has it: `index_products`. */
export interface IndexedProduct {
  readonly productId: string
  readonly name: string
  readonly category: string
  /** Exact decimal, euros. */
  readonly listPrice: string
  readonly supplier: string
}

/**
 * The mapping, one line a field: how much a word in it counts; `facet`: counted over what was found, and asked by whole
 * values. `productId` is found as it is written; no typo in it is forgiven, and prices are asked by bounds.
 */
export const mapping = {
  name: { boost: 3, typos: true, facet: false },
  category: { boost: 2, typos: true, facet: true },
  supplier: { boost: 1, typos: true, facet: true },
  productId: { boost: 4, typos: false, facet: false },
} as const

export const facetFields = ['category', 'supplier'] as const
export type FacetField = (typeof facetFields)[number]

export interface ProductQuery {
  /** Absent or without a word: every product, by its id. */
  readonly text?: string
  readonly category?: readonly string[]
  readonly supplier?: readonly string[]
  /** Euros. */
  readonly priceMin?: number
  readonly priceMax?: number
  readonly offset: number
  readonly limit: number
}

export interface FacetValue {
  readonly value: string
  readonly count: number
}

export interface ProductAnswer {
  /** Products that fit, all pages together. */
  readonly total: number
  /** Best first. */
  readonly hits: readonly { readonly product: IndexedProduct; readonly score: number }[]
  /** Over everything that fits. */
  readonly facets: Readonly<Record<FacetField, readonly FacetValue[]>>
}

/** One letter wrong, missing or too many in words of four letters, two in long ones; none in numbers and short words. */
const typosOf = (term: string): number => {
  if (/\d/.test(term) || term.length < 4) return 0
  return term.length < 8 ? 1 : 2
}

const OPTIONS: SearchOptions = {
  boost: Object.fromEntries(Object.entries(mapping).map(([field, { boost }]) => [field, boost])),
  prefix: (term) => term.length >= 2,
  fuzzy: typosOf,
  weights: { prefix: 0.6, fuzzy: 0.4 },
  combineWith: 'AND',
}

/**
 * The product search: an inverted index in memory (BM25+, by MiniSearch) that forgives accents, plurals and typos. All words
 * have to be found; where no product has all of them, those that have some. Rows may come again and in any order across
 * products: of one product, an older row never replaces a later one.
 */
export class ProductIndex {
  readonly #search = new MiniSearch<IndexedProduct>({
    idField: 'productId',
    fields: Object.keys(mapping),
    tokenize: (text) => [...wordsOf(text)],
    processTerm: singular,
    searchOptions: OPTIONS,
  })
  /** How many fields of products have a word. */
  readonly #vocabulary = new Map<string, number>()
  readonly #products = new Map<string, IndexedProduct>()
  /** Of products that were removed, too. */
  readonly #versions = new Map<string, number>()
  #changes = 0

  /** Rises with every change. */
  get version(): number {
    return this.#changes
  }

  get size(): number {
    return this.#products.size
  }

  /** @param version larger is later, of one product: its offset */
  put(product: IndexedProduct, version: number): void {
    if (!this.#isLater(product.productId, version)) return
    this.#forget(product.productId)
    this.#products.set(product.productId, product)
    this.#search.add(product)
    this.#count(product, 1)
  }

  remove(productId: string, version: number): void {
    if (!this.#isLater(productId, version)) return
    this.#forget(productId)
  }

  find({ text = '', offset, limit, ...wanted }: ProductQuery): ProductAnswer {
    const fits = filterOf(wanted)
    const found: { product: IndexedProduct; score: number }[] = []
    for (const [productId, score] of this.#ranked(text)) {
      const product = this.#products.get(productId)
      if (product !== undefined && fits(product)) found.push({ product, score })
    }
    return {
      total: found.length,
      hits: found.slice(offset, offset + limit),
      facets: {
        category: counted(found, 'category'),
        supplier: counted(found, 'supplier'),
      },
    }
  }

  #ranked(text: string): readonly (readonly [string, number])[] {
    if (wordsOf(text).length === 0) return [...this.#products.keys()].sort().map((id) => [id, 0])
    const processTerm = (word: string): string => this.#meant(singular(word))
    const all = this.#search.search(text, { processTerm })
    const hits = all.length > 0 ? all : this.#search.search(text, { processTerm, combineWith: 'OR' })
    return hits.map(({ id, score }) => [String(id), score])
  }

  /**
   * Two neighbouring letters that changed places are one slip to people and two to Levenshtein's distance: a word that no
   * product has is taken for one that some have.
   */
  #meant(word: string): string {
    if (this.#vocabulary.has(word) || typosOf(word) === 0) return word
    for (let at = 0; at < word.length - 1; at++) {
      const turned = word.slice(0, at) + word[at + 1] + word[at] + word.slice(at + 2)
      if (this.#vocabulary.has(turned)) return turned
    }
    return word
  }

  #forget(productId: string): void {
    const known = this.#products.get(productId)
    if (known === undefined) return
    this.#products.delete(productId)
    this.#search.discard(productId)
    this.#count(known, -1)
  }

  #count({ name, category, supplier }: IndexedProduct, by: number): void {
    for (const word of [name, category, supplier].flatMap(wordsOf).map(singular)) {
      const count = (this.#vocabulary.get(word) ?? 0) + by
      if (count > 0) this.#vocabulary.set(word, count)
      else this.#vocabulary.delete(word)
    }
  }

  #isLater(productId: string, version: number): boolean {
    if (version <= (this.#versions.get(productId) ?? Number.NEGATIVE_INFINITY)) return false
    this.#versions.set(productId, version)
    this.#changes++
    return true
  }
}

function filterOf({
  category,
  supplier,
  priceMin = Number.NEGATIVE_INFINITY,
  priceMax = Number.POSITIVE_INFINITY,
}: Pick<ProductQuery, 'category' | 'supplier' | 'priceMin' | 'priceMax'>): (product: IndexedProduct) => boolean {
  return (product) => {
    if (category !== undefined && !category.includes(product.category)) return false
    if (supplier !== undefined && !supplier.includes(product.supplier)) return false
    const price = Number(product.listPrice)
    return price >= priceMin && price <= priceMax
  }
}

function counted(found: readonly { readonly product: IndexedProduct }[], field: FacetField): readonly FacetValue[] {
  const counts = new Map<string, number>()
  for (const { product } of found) counts.set(product[field], (counts.get(product[field]) ?? 0) + 1)
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
    .slice(0, MOST_VALUES)
}

const MOST_VALUES = 50
