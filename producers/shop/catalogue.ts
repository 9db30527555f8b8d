import { base, en, Faker } from '@faker-js/faker'
import { randomOf } from './random.ts'

export interface Product {
  readonly productId: string
  readonly category: string
  readonly path: string
  /** Euro cents, tax included. */
  readonly cents: number
}

const CATEGORIES: Readonly<Record<string, number>> = {
  shoes: 69,
  shirts: 29,
  trousers: 49,
  jackets: 109,
  bags: 59,
  toys: 24,
  books: 16,
  kitchen: 34,
}
const PER_CATEGORY = 30

/** The shop's products: the same ones for the same seed. */
export function catalogueOf(seed: number): readonly Product[] {
  const faker = new Faker({ locale: [en, base], seed })
  const random = randomOf(seed, 'catalogue')
  return Object.entries(CATEGORIES).flatMap(([category, euros], c) =>
    Array.from({ length: PER_CATEGORY }, (_, i) => {
      const productId = `p-${String(c * PER_CATEGORY + i + 1).padStart(4, '0')}`
      const name = `${faker.commerce.productAdjective()} ${faker.commerce.productMaterial()}`
      const slug = faker.helpers.slugify(name).toLowerCase()
      const cents = Math.max(299, Math.round(random.logNormal(euros, 0.35)) * 100 - 1)
      return { productId, category, path: `/${category}/${slug}-${productId}`, cents }
    }),
  )
}
