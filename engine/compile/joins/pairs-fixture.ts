import { processor } from '#engine/topology'
import { field, made, NEW_YEAR } from '../trade-fixture.ts'

/** Two streams by store, and the topic of their pairs. */
export interface Order {
  readonly orderId: string
  readonly shop: string
  readonly orderedAt: number
}
export interface Payment {
  readonly paymentId: string
  readonly payer: string
  readonly paidAt: number
}
export interface Pair {
  readonly pair: string
  readonly shop: string
  readonly orderId: string | null
  readonly paymentId: string | null
  readonly at: number
}

export const orders = made<Order>('trade.orders.v1', { key: 'shop', time: 'orderedAt', id: ['orderId'] }, [
  field.text('orderId'),
  field.text('shop'),
  field.time('orderedAt'),
])
export const payments = made<Payment>('trade.payments.v1', { key: 'payer', time: 'paidAt' }, [
  field.text('paymentId'),
  field.text('payer'),
  field.time('paidAt'),
])
export const pairs = made<Pair>('trade.pairs.v1', { kind: 'results', key: 'shop', time: 'at', id: ['pair'] }, [
  field.text('pair'),
  field.text('shop'),
  field.nullable('orderId', 'string'),
  field.nullable('paymentId', 'string'),
  field.time('at'),
])

export interface Terms {
  readonly kind: 'inner' | 'left' | 'outer'
  /** Milliseconds. */
  readonly before: number
  readonly after: number
  readonly grace: number
}

export const pairing = ({ kind, before, after, grace }: Terms) =>
  processor('pairs', ({ from }) =>
    from(orders)
      .joinWithin(from(payments), {
        on: ['shop'],
        before: `${before} milliseconds`,
        after: `${after} milliseconds`,
        grace: `${grace} milliseconds`,
        select: { paymentId: 'paymentId', paidAt: 'paidAt' },
        kind,
        identity: 'pair',
      })
      .map(['orderedAt', 'paidAt'], ({ orderedAt, paidAt }) => ({ at: Math.max(orderedAt ?? 0, paidAt ?? 0) }), {
        keep: ['pair', 'shop', 'orderId', 'paymentId'],
      })
      .to(pairs),
  )

export const order = (orderId: string, at: number, shop = 'north'): Order => ({
  orderId,
  shop,
  orderedAt: NEW_YEAR + at,
})
export const payment = (paymentId: string, at: number, payer = 'north'): Payment => ({
  paymentId,
  payer,
  paidAt: NEW_YEAR + at,
})
