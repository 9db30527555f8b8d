import { codes, fees, influencers as influencerTable, posts, redemptions } from '#schemas'
import { eurosOf } from '../euros.ts'
import { happening, inOrder, type WorldEvent } from '../event.ts'
import { COMMISSION_PERCENT } from '../influence.ts'
import { customerIdOf, type OrderPlan, orderIdOf } from '../orders.ts'
import { HOUR_MS } from '../settings.ts'
import { REPORT_EVERY_MS, reportTimes } from '../staggered.ts'
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
    events.push(...counted(world, from, to))
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

  before: (world, instant) =>
    instant > world.settings.start ? [...tables(world), ...counted(world, instant - REPORT_EVERY_MS, instant)] : [],
}

const tables = ({ marketing }: World): WorldEvent[] => [
  ...marketing.influence.influencers.map(({ influencerId, platform, country, category, followers, validFrom }) =>
    happening(influencerTable, { influencerId, platform, country, category, followers, validFrom }),
  ),
  ...marketing.influence.influencers.map(({ code }) => happening(codes, code)),
]

/** Followers as the platforms count them from then on, where reports come minutely. */
function counted({ settings, marketing: { influence } }: World, from: number, to: number): WorldEvent[] {
  if (settings.frequency !== 'minutely') return []
  return influence.influencers.flatMap((influencer, i) => {
    const { influencerId, platform, country, category } = influencer
    return reportTimes(i, influence.influencers.length, Math.max(from, settings.start), to).map((validFrom) => {
      const followers = influence.followersAt(influencer, validFrom)
      return happening(influencerTable, { influencerId, platform, country, category, followers, validFrom })
    })
  })
}

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
