import { type IncidentName, orderCauses, promotionEffects, stagedIncidents } from '#schemas'
import type { IncidentKind } from '../../shop/incidents.ts'
import { happening, inOrder, type WorldEvent } from '../event.ts'
import { customerIdOf, orderIdOf } from '../orders.ts'
import { promotionsAnnounced } from '../promotions.ts'
import { HOUR_MS } from '../settings.ts'
import type { World } from '../world.ts'
import type { Domain } from './domain.ts'

/** What nobody could know outside a made-up world: what promotions really do, why each order was placed, which
 * incidents were staged. */
export const truth: Domain = {
  name: 'truth',
  doc: 'what is really so in the generated world, to check results against: effects and causes',
  topics: [promotionEffects, orderCauses, stagedIncidents],

  hour(world, hour) {
    const [from, to] = [hour * HOUR_MS, (hour + 1) * HOUR_MS]
    const events = effects(world, from, to)
    for (const { kind, start: startsAt, end: endsAt } of world.settings.incidents)
      if (startsAt >= from && startsAt < to)
        events.push(happening(stagedIncidents, { kind: NAMES[kind], startsAt, endsAt }))
    for (const order of world.orders(hour)) {
      if (!order.paid) continue
      const { kind, campaignId, postId } = order.cause
      const orderId = orderIdOf(order)
      const customerId = customerIdOf(order.buyer)
      const { first: firstOrder, at: placedAt } = order
      events.push(
        happening(orderCauses, { orderId, customerId, cause: kind, campaignId, postId, firstOrder, placedAt }),
      )
    }
    return inOrder(events)
  },

  before: (world, instant) =>
    effects(world, world.settings.start, instant).filter(({ value }) => (value as { endsAt: number }).endsAt > instant),
}

const NAMES: Readonly<Record<IncidentKind, IncidentName>> = {
  'checkout-failure': 'CHECKOUT_FAILURE',
  'bot-burst': 'BOT_BURST',
  'slow-drift': 'SLOW_DRIFT',
  'quiet-night': 'QUIET_NIGHT',
  holiday: 'HOLIDAY',
}

const effects = ({ settings, categories }: World, from: number, to: number): WorldEvent[] =>
  promotionsAnnounced(settings, categories, from, to).map((promotion) => {
    const { promotionId, category, orderFactor, startsAt, endsAt, announcedAt } = promotion
    return happening(promotionEffects, { promotionId, category, orderFactor, startsAt, endsAt, announcedAt })
  })
