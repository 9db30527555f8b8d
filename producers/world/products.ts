import type { Product } from '../shop/catalogue.ts'
import { randomOf } from '../shop/random.ts'

/** What the supply side knows of a product. */
export interface Supply {
  readonly supplier: string
  readonly warehouse: string
  /** Euro cents. */
  readonly unitCost: number
  /** Pieces in stock every morning. */
  readonly stock: number
}

const WAREHOUSES = ['Leipzig', 'Lyon', 'Zaragoza']
const SUPPLIERS = ['Albrecht & Co', 'Bovary', 'Castellan', 'Dorrit Ltd', 'Effi', 'Fairfax']

export const supplyOf = ({ productId, cents }: Product, seed: number): Supply => {
  const random = randomOf(seed, 'supply', productId)
  return {
    supplier: random.pick(SUPPLIERS),
    warehouse: random.pick(WAREHOUSES),
    unitCost: Math.round(cents * (0.35 + 0.3 * random.next())),
    stock: 100 + random.integer(200),
  }
}

/** `Rustic Cotton shirts 0042`: unique. */
export function nameOf({ path, category, productId }: Product): string {
  const slug = path.slice(path.lastIndexOf('/') + 1, -productId.length - 1)
  const words = slug.split('-').map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`)
  return `${words.join(' ')} ${category} ${productId.slice(2)}`
}
