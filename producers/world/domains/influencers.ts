import { codes, fees, influencers as influencerTable, posts, redemptions } from '#schemas'
import { eurosOf } from '../euros.ts'
import { happening, inOrder, type WorldEvent } from '../event.ts'
import { COMMISSION_PERCENT } from '../influence.ts'
import { customerIdOf, type OrderPlan, orderIdOf } from '../orders.ts'
import { HOUR_MS } from '../settings.ts'
import type { World } from '../world.ts'
import type { Domain } from './domain.ts'

/** Influencers: who they are, what they post, the codes they give out, what they are paid. */
export const influencers: Domain = {
  name: 'influencers',
  doc: 'influencers: posts, discount codes and their redemptions, fees',
  topics: [influencerTable, codes, posts, fees, redemptions],

  hour(world, hour) {
    const [from, to] = [hour * HOUR_MS, (hour + 1) * HOUR_MS]
    const events = from === world.settings.start ? tables(world) : []
    for (const post of world.marketing.influence.published(from, to)) {
      const { influencer, ...value } = post
      const { postId, influencerId, publishedAt: bookedAt } = value
      const amount = BigInt(influencer.feePerPost)
      events.push(happening(posts, value))
      events.push(
        happening(fees, {
          feeId: `fee-${postId}`,
          influencerId,
          kind: 'POST',
          postId,
          orderId: null,
          amount,
          bookedAt,
        }),
      )
    }
    for (const order of world.orders(hour))
      if (order.paid && order.code !== null) events.push(...redeemed(world, order, order.code))
    return inOrder(events)
  },

  before: (world, instant) => (instant > world.settings.start ? tables(world) : []),
}

const tables = ({ marketing }: World): WorldEvent[] => [
  ...marketing.influence.influencers.map(({ influencerId, platform, country, category, followers, validFrom }) =>
    happening(influencerTable, { influencerId, platform, country, category, followers, validFrom }),
  ),
  ...marketing.influence.influencers.map(({ code }) => happening(codes, code)),
]

function redeemed(world: World, order: OrderPlan, code: string): WorldEvent[] {
  const owner = world.marketing.influence.influencers.find((one) => one.code.code === code)
  const { buyer, amount, codeDiscount: discount, at } = order
  const orderId = orderIdOf(order)
  const used = happening(redemptions, {
    redemptionId: `red-${orderId}`,
    code,
    orderId,
    customerId: customerIdOf(buyer),
    discount,
    currency: buyer.market.currency,
    redeemedAt: at,
  })
  if (!owner) return [used]
  const { influencerId } = owner
  const share = (eurosOf(amount, buyer.market) * BigInt(COMMISSION_PERCENT)) / 100n
  const feeId = `fee-${orderId}`
  return [
    used,
    happening(fees, { feeId, influencerId, kind: 'COMMISSION', postId: null, orderId, amount: share, bookedAt: at }),
  ]
}
