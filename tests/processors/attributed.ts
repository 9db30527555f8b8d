import {
  type AdClick,
  adClicks,
  type CustomerTouch,
  codes,
  customerTouches,
  type DiscountCode,
  type Identity,
  identities,
  type Order,
  type OrderTouch,
  orders,
  orderTouches,
  type PageView,
  type Purchase,
  pageViews,
  purchases,
  type Redemption,
  redemptions,
  type Touch,
  touches,
  type VisitorClick,
  visitorClicks,
} from '#schemas'
import customerTouchesPlan from '../../processors/marketing/customer-touches.ts'
import identitiesPlan from '../../processors/marketing/identities.ts'
import orderTouchesPlan from '../../processors/marketing/order-touches.ts'
import touchesPlan from '../../processors/marketing/touches.ts'
import visitorClicksPlan from '../../processors/marketing/visitor-clicks.ts'
import { type DrivenPlan, drivenPlan } from './driven.ts'

/** What the processors of marketing read. */
export interface MarketingEvents {
  readonly clicks: readonly AdClick[]
  readonly pageViews: readonly PageView[]
  readonly purchases: readonly Purchase[]
  readonly redemptions: readonly Redemption[]
  readonly codes: readonly DiscountCode[]
  readonly orders: readonly Order[]
}

/** What they publish, by partition and offset: of `touches` and `orderTouches` the last row of an identity counts. */
export interface Attributed {
  readonly visitorClicks: readonly VisitorClick[]
  readonly identities: readonly Identity[]
  readonly touches: readonly Touch[]
  readonly customerTouches: readonly CustomerTouch[]
  readonly orderTouches: readonly OrderTouch[]
  readonly refused: number
}

interface Through {
  /** Several run at speeds of their own, and are only so far apart as the join's grace where a history is short. */
  readonly partitions?: number
  readonly seed?: number
  /** The process of each processor dies once, at this step of a commit. */
  readonly crashAt?: number
}

/** The chain of marketing's processors, each through the real task code on a broker of its own. */
export async function attributed(events: MarketingEvents, through: Through = {}): Promise<Attributed> {
  let refused = 0
  const driven = async <R>(
    plan: Parameters<typeof drivenPlan>[0],
    fill: (plan: DrivenPlan) => void,
    read: (plan: DrivenPlan) => R,
  ): Promise<R> => {
    const { seed, partitions } = through
    const one = await drivenPlan(plan, {
      ...(seed === undefined ? {} : { seed }),
      ...(partitions === undefined ? {} : { partitions }),
    })
    fill(one)
    if (through.crashAt !== undefined) one.driven.crashAt('commit', through.crashAt)
    await one.settle()
    refused += one.refused()
    const rows = read(one)
    await one.driven.close()
    return rows
  }
  const byVisitor = await driven(
    visitorClicksPlan,
    (plan) => plan.write(adClicks, events.clicks),
    (plan) => plan.rows(visitorClicks),
  )
  const known = await driven(
    identitiesPlan,
    (plan) => {
      plan.write(pageViews, events.pageViews)
      plan.write(purchases, events.purchases)
    },
    (plan) => plan.rows(identities),
  )
  const touched = await driven(
    touchesPlan,
    (plan) => {
      plan.write(visitorClicks, byVisitor)
      plan.write(pageViews, events.pageViews)
      plan.write(purchases, events.purchases)
    },
    (plan) => plan.rows(touches),
  )
  const ofCustomers = await driven(
    customerTouchesPlan,
    (plan) => {
      plan.write(codes, events.codes)
      plan.write(touches, touched)
      plan.write(redemptions, events.redemptions)
    },
    (plan) => plan.rows(customerTouches),
  )
  const ledTo = await driven(
    orderTouchesPlan,
    (plan) => {
      plan.write(customerTouches, ofCustomers)
      plan.write(orders, events.orders)
    },
    (plan) => plan.rows(orderTouches),
  )
  return {
    visitorClicks: byVisitor,
    identities: known,
    touches: touched,
    customerTouches: ofCustomers,
    orderTouches: ledTo,
    refused,
  }
}
