import { processor } from '#engine'
import { type BasketProduct, basketProducts, purchaseLines } from '#schemas'

/** How long after its first line a basket may get further ones, in event time. Milliseconds. */
const OPEN_FOR = 60_000
/** Of larger baskets the first so many products count: a row grows with them, and their pairs with the square. */
const MOST_PRODUCTS = 250

interface Basket {
  householdId: number
  at: number
  readonly products: Set<number>
}

/** Baskets that are complete, taken apart by product, each beside the others: what belongs together stands in one row. */
export default processor('basket-products', ({ from }) =>
  from(purchaseLines)
    .filter(['quantity'], ({ quantity }) => quantity > 0)
    .keyBy('basketId')
    .process({
      name: 'basket',
      reads: ['householdId', 'productId', 'purchasedAt'],
      grace: '10 minutes',
      ttl: '1 hour',
      state: { initial: (): Basket => ({ householdId: 0, at: 0, products: new Set() }) },
      onEvent({ setTimer }, { householdId, productId, purchasedAt }, basket) {
        if (basket.products.size === 0) {
          basket.householdId = householdId
          basket.at = purchasedAt
          setTimer(purchasedAt + OPEN_FOR)
        }
        basket.products.add(productId)
        return []
      },
      onTimer({ key, remove }, { householdId, at, products }) {
        remove()
        return rowsOf(key.basketId, householdId, at, products)
      },
    })
    .to(basketProducts),
)

function rowsOf(basketId: number, householdId: number, at: number, products: Iterable<number>): BasketProduct[] {
  const all = [...products].sort((a, b) => a - b)
  const counted = all.slice(0, MOST_PRODUCTS)
  return all.map((productId) => ({
    ...{ productId, basketId, householdId, purchasedAt: at },
    others: counted.filter((other) => other !== productId),
  }))
}
