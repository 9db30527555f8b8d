import { processor } from '#engine'
import { type StockAlert, type StockState, stockAlerts, stockLevels, stockMovements } from '#schemas'

const DAY = 86_400_000
/** Demand is what left on the days of this span, today included. */
const DAYS_OF_DEMAND = 28
/** Days from ordering to delivery, and days of stock that stay in hand for what is not foreseen. */
const LEAD_DAYS = 3
const SAFETY_DAYS = 2

/** A movement, or a count that says how many pieces there really are. */
interface Change {
  readonly quantity: number
  readonly counted: number | null
  /** Pieces that customers took (positive) or gave back. */
  readonly sold: number
  readonly at: number
}

interface Stock {
  /** Null until a count or the opening says how many there are. */
  units: number | null
  /** Pieces sold, by day since 1970 (UTC). */
  sold: { readonly day: number; pieces: number }[]
  firstDay: number
  state: StockState
}

const live = { idleAfter: '10 seconds' } as const

/**
 * Products whose stock falls to the reorder point, or comes back above it. The point is what five days take at the mean
 * demand of the last four weeks. Nothing is said of a product before its stock was counted once.
 */
export default processor('stock-alerts', ({ from, merge }) =>
  merge(
    from(stockMovements, live).map(
      ['reason', 'quantity', 'movedAt'],
      ({ reason, quantity, movedAt }): Change => ({
        quantity,
        counted: reason === 'OPENING' ? quantity : null,
        sold: reason === 'SALE' || reason === 'CANCELLATION' || reason === 'RETURN' ? -quantity : 0,
        at: movedAt,
      }),
      { keep: ['productId', 'warehouse'] },
    ),
    from(stockLevels, live).map(
      ['units', 'countedAt'],
      ({ units, countedAt }): Change => ({ quantity: 0, counted: units, sold: 0, at: countedAt }),
      { keep: ['productId', 'warehouse'] },
    ),
  )
    .keyBy('productId')
    .process({
      name: 'stock',
      reads: ['warehouse', 'quantity', 'counted', 'sold', 'at'],
      state: { initial: (): Stock => ({ units: null, sold: [], firstDay: 0, state: 'ABOVE' }) },
      onEvent({ key }, { warehouse, quantity, counted, sold, at }, stock): readonly StockAlert[] {
        const day = Math.floor(at / DAY)
        note(stock, day, sold)
        if (counted !== null) stock.units = counted
        else if (stock.units !== null) stock.units += quantity
        if (stock.units === null) return []
        const dailyDemand = demandOf(stock, day)
        const reorderPoint = Math.ceil(dailyDemand * (LEAD_DAYS + SAFETY_DAYS))
        const state = stock.units <= reorderPoint ? 'BELOW' : 'ABOVE'
        if (state === stock.state) return []
        stock.state = state
        const { units } = stock
        return [{ productId: key.productId, warehouse, state, units, reorderPoint, dailyDemand, changedAt: at }]
      },
    })
    .to(stockAlerts),
)

function note(stock: Stock, day: number, sold: number): void {
  if (stock.firstDay === 0 || day < stock.firstDay) stock.firstDay = day
  const known = stock.sold.find((one) => one.day === day)
  if (known) known.pieces += sold
  else stock.sold.push({ day, pieces: sold })
  stock.sold = stock.sold.filter((one) => one.day > day - DAYS_OF_DEMAND)
}

/** Pieces a day; over the days since the first event where that is less than the span. */
function demandOf({ sold, firstDay }: Stock, day: number): number {
  const pieces = sold.reduce((sum, one) => sum + (one.day <= day ? one.pieces : 0), 0)
  return Math.max(0, pieces) / Math.min(DAYS_OF_DEMAND, Math.max(1, day - firstDay + 1))
}
