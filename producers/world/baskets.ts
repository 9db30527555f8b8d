import type { Product } from '../shop/catalogue.ts'
import type { Market } from '../shop/markets.ts'
import type { Random } from '../shop/random.ts'
import type { Shopper } from './population.ts'
import type { PlannedPromotion } from './promotions.ts'

/** What somebody puts into a cart. Prices are in hundredths of the market's currency. */
export interface BasketLine {
  readonly product: Product
  readonly quantity: number
  readonly listPrice: bigint
  /** As charged. */
  readonly unitPrice: bigint
  readonly promotionId: string | null
}

/** Hundredths of the market's currency; yen have none, so their prices are whole. */
export function priceOf({ cents }: Product, { currency, priceFactor }: Market, discountPercent = 0): bigint {
  const price = (Math.round(cents * priceFactor) * (100 - discountPercent)) / 100
  return BigInt(currency === 'JPY' ? Math.round(price / 100) * 100 : Math.round(price))
}

/** Products of a shop by category. */
export type Shelves = ReadonlyMap<string, readonly Product[]>

/** Picks a product of a category: some sell well, and everybody has a taste. */
export function choose(shelf: readonly Product[], taste: number, random: Random): Product {
  const rank = Math.floor(shelf.length * random.next() ** 2.2)
  return shelf[(rank + taste * 6) % shelf.length] as Product
}

/** A first line of the category, and now and then more lines of any category: no product twice. */
export function basketOf(
  shelves: Shelves,
  category: string,
  buyer: Pick<Shopper, 'market' | 'taste'>,
  promotions: readonly PlannedPromotion[],
  random: Random,
): readonly BasketLine[] {
  const { market, taste } = buyer
  const categories = [...shelves.keys()]
  const lines: BasketLine[] = []
  for (let wanted = category; ; wanted = random.pick(categories)) {
    const product = choose(shelves.get(wanted) ?? [], taste, random)
    const quantity = random.chance(0.85) ? 1 : 2
    if (!lines.some((line) => line.product === product)) {
      const promotion = promotions.find(
        (one) => one.category === product.category && one.countries.includes(market.country),
      )
      lines.push({
        product,
        quantity,
        listPrice: priceOf(product, market),
        unitPrice: priceOf(product, market, promotion?.discountPercent),
        promotionId: promotion?.promotionId ?? null,
      })
    }
    if (lines.length === 4 || !random.chance(0.32)) return lines
  }
}

export const amountOf = (lines: readonly BasketLine[]): bigint =>
  lines.reduce((sum, { unitPrice, quantity }) => sum + unitPrice * BigInt(quantity), 0n)

export const piecesOf = (lines: readonly BasketLine[]): number => lines.reduce((sum, { quantity }) => sum + quantity, 0)
