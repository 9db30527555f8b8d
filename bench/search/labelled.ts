import { catalogueOf, type Product } from '../../producers/shop/catalogue.ts'
import { type Random, randomOf } from '../../producers/shop/random.ts'
import { nameOf } from '../../producers/world/products.ts'
import type { IndexedProduct } from '../../sinks/search/index.ts'

/**
 * The labelled set: products of made-up worlds, a hundred queries made from what some of them are, and how relevant every
 * product is to each. Labels come from the products' attributes (adjective, material, category) and never from a ranking:
 * a query means some attributes; a product that has all of them has grade 3, of three any two 2, at least one 1.
 */
export interface LabelledProduct extends IndexedProduct {
  readonly adjective: string
  readonly material: string
  readonly number: string
}

export const queryKinds = [
  'as written',
  'a typo',
  'wrong accents',
  'cut short',
  'singular, turned round',
  'by number',
] as const
export type QueryKind = (typeof queryKinds)[number]

export interface LabelledQuery {
  readonly kind: QueryKind
  readonly text: string
  readonly grade: (product: LabelledProduct) => number
}

const PER_SEED = 240
const SUPPLIERS = ['Albrecht & Co', 'Bovary', 'Castellan', 'Dorrit Ltd', 'Effi', 'Fairfax']

/** Catalogues of the worlds with seeds 1, 2, …, under ids of their own. */
export function productsOf(count: number): readonly LabelledProduct[] {
  const all: LabelledProduct[] = []
  for (let seed = 1; all.length < count; seed++)
    for (const product of catalogueOf(seed)) if (all.length < count) all.push(labelled(product, seed))
  return all
}

function labelled(product: Product, seed: number): LabelledProduct {
  const number = String((seed - 1) * PER_SEED + Number(product.productId.slice(2))).padStart(6, '0')
  const name = nameOf(product).replace(/\d+$/, number)
  const [adjective = '', material = ''] = name.split(' ')
  const supplier = randomOf(seed, 'supply', product.productId).pick(SUPPLIERS)
  const { category, cents } = product
  return {
    ...{ productId: `p-${number}`, name, category, supplier, adjective, material, number },
    listPrice: (cents / 100).toFixed(2),
  }
}

/** `count` queries, equally many of each kind as far as it goes, the same for the same products. */
export function queriesOf(products: readonly LabelledProduct[], count: number): readonly LabelledQuery[] {
  return Array.from({ length: count }, (_, n) => {
    const random = randomOf(42, 'labelled query', String(n))
    const kind = queryKinds[n % queryKinds.length] ?? 'as written'
    return queryOf(kind, random.pick(products), random)
  })
}

function queryOf(kind: QueryKind, meant: LabelledProduct, random: Random): LabelledQuery {
  const { adjective, material, category, number } = meant
  const three = random.chance(0.5)
  const words = (three ? [adjective, material, category] : [material, category]).map((word) => word.toLowerCase())
  const attributes = three ? (['adjective', 'material', 'category'] as const) : (['material', 'category'] as const)
  const grade = (product: LabelledProduct): number => {
    const met = attributes.filter((attribute) => product[attribute] === meant[attribute]).length
    if (met === attributes.length) return 3
    return met === 0 ? 0 : met
  }
  switch (kind) {
    case 'as written':
      return { kind, text: words.join(' '), grade }
    case 'a typo': {
      const longest = words.reduce((a, b) => (b.length > a.length ? b : a))
      return { kind, text: words.map((word) => (word === longest ? mistyped(word, random) : word)).join(' '), grade }
    }
    case 'wrong accents':
      return { kind, text: words.map(accented).join(' '), grade }
    case 'cut short': {
      const last = words.at(-1) ?? ''
      return { kind, text: [...words.slice(0, -1), last.slice(0, Math.max(3, last.length - 2))].join(' '), grade }
    }
    case 'singular, turned round':
      return {
        kind,
        text: words
          .map((word) => word.replace(/s$/, ''))
          .reverse()
          .join(' '),
        grade,
      }
    case 'by number': {
      // One product is meant; others that are like it are better than nothing.
      const own = (product: LabelledProduct) => (product.number === number ? 3 : Math.min(1, grade(product)))
      return { kind, text: `${material.toLowerCase()} ${category} ${number}`, grade: own }
    }
  }
}

/** One slip of the fingers behind the first letter: a letter is left out, doubled, another, or two change places. */
function mistyped(word: string, random: Random): string {
  const at = 1 + random.integer(word.length - 2)
  const [before, letter = '', after] = [word.slice(0, at), word[at], word.slice(at + 1)]
  switch (random.integer(4)) {
    case 0:
      return before + after
    case 1:
      return before + letter + letter + after
    case 2:
      return before + String.fromCharCode(97 + ((letter.charCodeAt(0) - 97 + 7) % 26)) + after
    default:
      return before + (after[0] ?? '') + letter + after.slice(1)
  }
}

const ACCENTS: Readonly<Record<string, string>> = { a: 'à', e: 'é', i: 'ï', o: 'ô', u: 'ü', c: 'ç' }

/** The first letter that can carry an accent carries one. */
const accented = (word: string): string => {
  const at = [...word].findIndex((letter) => letter in ACCENTS)
  return at < 0 ? word : word.slice(0, at) + (ACCENTS[word[at] ?? ''] ?? '') + word.slice(at + 1)
}

/** NDCG over the first ten (Järvelin and Kekäläinen 2002, gains 2^grade − 1), 0 to 1. */
export function ndcg10(
  query: LabelledQuery,
  ranked: readonly LabelledProduct[],
  all: readonly LabelledProduct[],
): number {
  const gain = (grades: readonly number[]) =>
    grades.slice(0, 10).reduce((sum, grade, at) => sum + (2 ** grade - 1) / Math.log2(at + 2), 0)
  const ideal = gain(all.map(query.grade).sort((a, b) => b - a))
  return gain(ranked.map(query.grade)) / ideal
}
