import { processor } from '#engine'
import { customerTouches, type OrderTouch, orders, orderTouches, type TouchChannel } from '#schemas'
import { sharedOut, weightsOf } from './weights.ts'

/** How long an order waits for touches that are told after it, in event time. Milliseconds. */
const WAITS = 60_000
/** How long after an order its touches may still be told, in event time. */
const GRACE = '30 days'
/** An order whose touches can come no more, window and grace being over, is forgotten. Milliseconds. */
const REMEMBERED_FOR = 61 * 86_400_000

interface Led {
  readonly touchId: string
  readonly channel: TouchChannel
  readonly campaignId: string | null
  readonly influencerId: string | null
  readonly touchedAt: number
}

interface Placed {
  readonly orderId: string
  readonly country: string
  readonly currency: string
  readonly amount: bigint
  readonly placedAt: number
  readonly touches: Led[]
  /** A touch came that has not been published. */
  changed: boolean
}

const live = { idleAfter: '10 seconds' } as const

/**
 * What led to an order: the customer's touches of the thirty days before it, each with its share by first touch, last touch,
 * equal parts and time decay. The order's rows are the same in whatever order orders and touches are told: they are published
 * a minute of event time after the order, and again as a whole when a touch is told later than that, up to thirty days. An order
 * without touches has no row here.
 */
export default processor('order-touches', ({ from }) =>
  from(orders, live)
    .where({ status: 'PLACED' })
    .joinWithin(from(customerTouches, live), {
      on: ['customerId'],
      before: '30 days',
      after: '0 seconds',
      grace: GRACE,
      kind: 'inner',
      select: {
        touchId: 'touchId',
        channel: 'channel',
        campaignId: 'campaignId',
        influencerId: 'influencerId',
        touchedAt: 'touchedAt',
      },
    })
    .keyBy('customerId')
    .process({
      name: 'order',
      reads: [
        'orderId',
        'country',
        'currency',
        'amount',
        'placedAt',
        'touchId',
        'channel',
        'campaignId',
        'influencerId',
        'touchedAt',
      ],
      state: { initial: (): { orders: Placed[] } => ({ orders: [] }) },
      ttl: '62 days',
      onEvent({ setTimer }, event, state) {
        const { orderId, country, currency, amount, placedAt, ...touch } = event
        let order = state.orders.find((one) => one.orderId === orderId)
        if (order === undefined) {
          order = { orderId, country, currency, amount, placedAt, touches: [], changed: false }
          state.orders.push(order)
        }
        if (order.touches.some(({ touchId }) => touchId === touch.touchId)) return []
        const { touchId, channel, campaignId, influencerId, touchedAt } = touch
        order.touches.push({ touchId, channel, campaignId, influencerId, touchedAt })
        order.changed = true
        setTimer(placedAt + WAITS)
        return []
      },
      onTimer({ key, eventTime }, state) {
        const rows = state.orders.flatMap((order) => {
          if (!order.changed || order.placedAt + WAITS > eventTime) return []
          order.changed = false
          return rowsOf(key.customerId, order)
        })
        state.orders = state.orders.filter(({ placedAt }) => placedAt > eventTime - REMEMBERED_FOR)
        return rows
      },
    })
    .to(orderTouches),
)

/** An order's rows, in the order of its touches. */
function rowsOf(customerId: string, order: Placed): readonly OrderTouch[] {
  const { orderId, country, currency, amount, placedAt } = order
  const touches = [...order.touches].sort(
    (a, b) => a.touchedAt - b.touchedAt || (a.touchId < b.touchId ? -1 : a.touchId > b.touchId ? 1 : 0),
  )
  const weights = weightsOf(touches.map(({ touchedAt }) => placedAt - touchedAt))
  const amounts = {
    firstTouch: sharedOut(amount, weights.firstTouch),
    lastTouch: sharedOut(amount, weights.lastTouch),
    linear: sharedOut(amount, weights.linear),
    timeDecay: sharedOut(amount, weights.timeDecay),
  }
  const at = (list: readonly bigint[], n: number): bigint => list[n] ?? 0n
  return touches.map((touch, n) => ({
    orderId,
    touchNumber: n + 1,
    touches: touches.length,
    customerId,
    country,
    currency,
    amount,
    ...touch,
    firstTouchWeight: at(weights.firstTouch, n),
    lastTouchWeight: at(weights.lastTouch, n),
    linearWeight: at(weights.linear, n),
    timeDecayWeight: at(weights.timeDecay, n),
    firstTouchAmount: at(amounts.firstTouch, n),
    lastTouchAmount: at(amounts.lastTouch, n),
    linearAmount: at(amounts.linear, n),
    timeDecayAmount: at(amounts.timeDecay, n),
    placedAt,
  }))
}
