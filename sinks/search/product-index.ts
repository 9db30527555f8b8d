import { Postings } from './postings.ts'
import { best, Scores } from './ranking.ts'
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
 * The mapping, one line a field: how much a word in it counts, and whether its values are counted (facets) and can be asked
 * for whole. Prices are asked by bounds.
 */
export const mapping = {
  name: { boost: 3, facet: false },
  category: { boost: 2, facet: true },
  supplier: { boost: 1, facet: true },
  productId: { boost: 4, facet: false },
} as const

type Field = keyof typeof mapping
const fields = Object.keys(mapping) as readonly Field[]
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
  /** Products that have at least half of the words, all pages together. */
  readonly total: number
  /** Those with more of the words first, then by score. */
  readonly hits: readonly { readonly product: IndexedProduct; readonly score: number }[]
  /** Over those that have as many of the words as any has. */
  readonly facets: Readonly<Record<FacetField, readonly FacetValue[]>>
}

interface Slot {
  readonly product: IndexedProduct
  readonly price: number
}

/**
 * The product search: an inverted index in memory that forgives accents, plurals and typos. A product is found that has at
 * least half of the words; which it has, how rare they are, in which field they stand and how exactly they fit make its
 * place. Rows may come again and in any order: of one product, an older one never replaces a later one.
 */
export class ProductIndex {
  readonly #postings = new Postings()
  readonly #slots: (Slot | undefined)[] = []
  readonly #free: number[] = []
  readonly #slotOf = new Map<string, number>()
  /** Of products that were removed, too. */
  readonly #versions = new Map<string, number>()
  readonly #scores = new Scores()
  #changes = 0

  /** Rises with every change. */
  get version(): number {
    return this.#changes
  }

  get size(): number {
    return this.#slotOf.size
  }

  /** @param version larger is later, of one product: its offset */
  put(product: IndexedProduct, version: number): void {
    if (!this.#isLater(product.productId, version)) return
    this.#forget(product.productId)
    const slot = this.#free.pop() ?? this.#slots.length
    this.#slots[slot] = { product, price: Number(product.listPrice) }
    this.#slotOf.set(product.productId, slot)
    for (const field of fields)
      for (const word of termsOf(product, field)) this.#postings.add(word, slot, mapping[field].boost)
  }

  remove(productId: string, version: number): void {
    if (this.#isLater(productId, version)) this.#forget(productId)
  }

  find({ text = '', offset, limit, ...wanted }: ProductQuery): ProductAnswer {
    const fits = filterOf(wanted)
    const words = [...new Set(wordsOf(text).map(singular))]
    const scores = this.#scores
    scores.begin(this.#slots.length)
    for (const word of words) scores.add(this.#postings.meaningsOf(word), this.#slotOf.size)
    const least = Math.ceil(words.length / 2)
    const found: number[] = []
    let most = 0
    for (const slot of words.length === 0 ? this.#slotOf.values() : scores.touched) {
      const held = this.#slots[slot]
      if (scores.words(slot) < least || held === undefined || !fits(held)) continue
      found.push(slot)
      most = Math.max(most, scores.words(slot))
    }
    const idOf = (slot: number): string => this.#slots[slot]?.product.productId ?? ''
    const hits = best(found, offset + limit, (a, b) => scores.compare(a, b) || (idOf(a) < idOf(b) ? -1 : 1))
    const full = found.filter((slot) => scores.words(slot) === most)
    return {
      total: found.length,
      hits: hits.slice(offset).flatMap((slot) => {
        const held = this.#slots[slot]
        return held === undefined ? [] : [{ product: held.product, score: scores.score(slot) }]
      }),
      facets: { category: this.#counted(full, 'category'), supplier: this.#counted(full, 'supplier') },
    }
  }

  #counted(slots: readonly number[], field: FacetField): readonly FacetValue[] {
    const counts = new Map<string, number>()
    for (const slot of slots) {
      const value = this.#slots[slot]?.product[field]
      if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1)
    }
    return [...counts]
      .map(([value, count]) => ({ value, count }))
      .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
      .slice(0, MOST_VALUES)
  }

  #forget(productId: string): void {
    const slot = this.#slotOf.get(productId)
    const product = slot === undefined ? undefined : this.#slots[slot]?.product
    if (slot === undefined || product === undefined) return
    for (const field of fields) for (const word of termsOf(product, field)) this.#postings.remove(word, slot)
    this.#slotOf.delete(productId)
    this.#slots[slot] = undefined
    this.#free.push(slot)
  }

  #isLater(productId: string, version: number): boolean {
    if (version <= (this.#versions.get(productId) ?? Number.NEGATIVE_INFINITY)) return false
    this.#versions.set(productId, version)
    this.#changes++
    return true
  }
}

const MOST_VALUES = 50

/** The words of a field, each once; single letters, which many ids begin with, find nothing. */
const termsOf = (product: IndexedProduct, field: Field): ReadonlySet<string> =>
  new Set(
    wordsOf(product[field])
      .map(singular)
      .filter((word) => word.length > 1 || /\d/.test(word)),
  )

function filterOf({
  category,
  supplier,
  priceMin = Number.NEGATIVE_INFINITY,
  priceMax = Number.POSITIVE_INFINITY,
}: Pick<ProductQuery, 'category' | 'supplier' | 'priceMin' | 'priceMax'>): (slot: Slot) => boolean {
  return ({ product, price }) => {
    if (category !== undefined && !category.includes(product.category)) return false
    if (supplier !== undefined && !supplier.includes(product.supplier)) return false
    return price >= priceMin && price <= priceMax
  }
}
