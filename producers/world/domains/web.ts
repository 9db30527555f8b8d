import { abandonedCarts, cartChanges, clicks, pageViews, promotions, purchases, searches } from '#schemas'
import { amountOf, piecesOf } from '../baskets.ts'
import { happening, inOrder, type WorldEvent } from '../event.ts'
import type { Journey } from '../journeys.ts'
import { type PlannedPromotion, promotionsAnnounced } from '../promotions.ts'
import { HOUR_MS } from '../settings.ts'
import type { World } from '../world.ts'
import type { Domain } from './domain.ts'

/** A cart counts as abandoned so long after its last change. */
const LAPSES_MS = 30 * 60_000

/** The shop's web log: visits, anonymous until somebody signs in, and what becomes of their carts. */
export const web: Domain = {
  name: 'web',
  doc: 'the web log of the shop: pages, clicks, searches, carts, purchases, abandoned carts',
  topics: [pageViews, clicks, searches, cartChanges, purchases, abandonedCarts, promotions],

  hour(world, hour) {
    const [from, to] = [hour * HOUR_MS, (hour + 1) * HOUR_MS]
    const events: WorldEvent[] = promotionEvents(world, from, to)
    for (const journey of world.journeysAround(hour)) {
      if (journey.first >= to || journey.last + LAPSES_MS < from) continue
      for (const step of journey.steps) {
        if (step.at < from || step.at >= to) continue
        const { topic, value } = step.event()
        events.push({ topic, value, at: step.at })
      }
      for (const search of searchEvents(journey)) if (search.at >= from && search.at < to) events.push(search)
      const lapse = abandonedCart(journey)
      if (lapse && lapse.at >= from && lapse.at < to) events.push(lapse)
    }
    return inOrder(events)
  },

  before: (world, instant) =>
    promotionEvents(world, world.settings.start, instant).filter(
      ({ value }) => (value as PlannedPromotion).endsAt > instant,
    ),
}

const promotionEvents = ({ settings, categories }: World, from: number, to: number): WorldEvent[] =>
  promotionsAnnounced(settings, categories, from, to).map(({ orderFactor: _, ...promotion }) =>
    happening(promotions, promotion),
  )

function searchEvents({ sessionId, visitor, searches: all }: Journey): WorldEvent[] {
  return all.map(({ at, query, results, signedIn }, i) =>
    happening(searches, {
      eventId: `${sessionId}-q${i}`,
      sessionId,
      visitorId: visitor.visitorId,
      customerId: signedIn ? visitor.person().customerId : null,
      country: visitor.market.country,
      device: visitor.device,
      query,
      results,
      occurredAt: at,
    }),
  )
}

function abandonedCart({ sessionId, visitor, left }: Journey): WorldEvent | undefined {
  if (!left) return undefined
  return happening(abandonedCarts, {
    sessionId,
    visitorId: visitor.visitorId,
    customerId: left.signedIn ? visitor.person().customerId : null,
    country: visitor.market.country,
    items: piecesOf(left.lines),
    amount: amountOf(left.lines),
    currency: visitor.market.currency,
    lastChangedAt: left.changedAt,
    abandonedAt: left.changedAt + LAPSES_MS,
  })
}
