import { processor } from '#engine'
import { pageViews, purchases, type Touch, type TouchChannel, touches, visitorClicks } from '#schemas'
import { channelOf } from './referrers.ts'

/** How long before they are known as a customer a visitor's touches count as the customer's. Milliseconds. */
export const REMEMBERED_FOR = 30 * 86_400_000
/** A visit's first page is known as such while the visitor has been here since. Milliseconds. */
const VISIT_LASTS = 86_400_000

/** What a visitor does, as far as it says what led here or who it is. */
interface Sign {
  readonly clickId: string | null
  readonly channel: TouchChannel | null
  readonly campaignId: string | null
  /** The visit; null for a click, which comes before it. */
  readonly sessionId: string | null
  readonly referrer: string | null
  readonly customerId: string | null
  readonly at: number
}

interface Visitor {
  /** Whom the visitor is known to be. */
  customerId: string | null
  /** Visits whose first page was seen, and when. */
  visits: { readonly sessionId: string; readonly at: number }[]
  /** Touches of somebody whom nobody knows yet. */
  anonymous: Touch[]
}

const live = { idleAfter: '10 seconds' } as const

/**
 * Clicks on advertisements and visits without one, by visitor. As soon as a visitor is known as a customer, the touches of
 * the thirty days before are published again with the customer: the visit in which they signed in, and those before it.
 */
export default processor('touches', ({ from, merge }) =>
  merge(
    from(visitorClicks, live).map(
      ['clickId', 'channel', 'campaignId', 'clickedAt'],
      ({ clickId, channel, campaignId, clickedAt }): Sign => ({
        clickId,
        channel,
        campaignId,
        sessionId: null,
        referrer: null,
        customerId: null,
        at: clickedAt,
      }),
      { keep: ['visitorId', 'country'] },
    ),
    from(pageViews, live).map(
      ['sessionId', 'referrer', 'customerId', 'occurredAt'],
      ({ sessionId, referrer, customerId, occurredAt }): Sign => ({
        clickId: null,
        channel: channelOf(referrer) ?? null,
        campaignId: null,
        sessionId,
        referrer,
        customerId,
        at: occurredAt,
      }),
      { keep: ['visitorId', 'country'] },
    ),
    from(purchases, live).map(
      ['sessionId', 'customerId', 'occurredAt'],
      ({ sessionId, customerId, occurredAt }): Sign => ({
        clickId: null,
        channel: null,
        campaignId: null,
        sessionId,
        referrer: null,
        customerId,
        at: occurredAt,
      }),
      { keep: ['visitorId', 'country'] },
    ),
  )
    .keyBy('visitorId')
    .process({
      name: 'visitor',
      reads: ['country', 'clickId', 'channel', 'campaignId', 'sessionId', 'referrer', 'customerId', 'at'],
      state: { initial: (): Visitor => ({ customerId: null, visits: [], anonymous: [] }) },
      ttl: '45 days',
      onEvent({ key: { visitorId } }, sign, visitor) {
        const rows: Touch[] = []
        if (sign.customerId !== null && sign.customerId !== visitor.customerId) {
          const customerId = sign.customerId
          visitor.customerId = customerId
          const since = sign.at - REMEMBERED_FOR
          for (const touch of visitor.anonymous) if (touch.touchedAt >= since) rows.push({ ...touch, customerId })
          visitor.anonymous = []
        }
        const found = touchOf(visitorId, sign, visitor)
        if (found === undefined) return rows
        const touch = { ...found, customerId: visitor.customerId }
        if (touch.customerId === null) {
          const since = sign.at - REMEMBERED_FOR
          visitor.anonymous = [...visitor.anonymous.filter(({ touchedAt }) => touchedAt >= since), touch]
        }
        return [...rows, touch]
      },
    })
    .to(touches),
)

/** The touch that a sign is, if it is one: every click, and the first page of a visit. */
function touchOf(
  visitorId: string,
  { clickId, channel, campaignId, sessionId, referrer, country, at }: Sign & { readonly country: string },
  visitor: Visitor,
): Omit<Touch, 'customerId'> | undefined {
  const touch = { visitorId, campaignId, sessionId, referrer, country, touchedAt: at }
  if (clickId !== null) return channel === null ? undefined : { ...touch, touchId: `click:${clickId}`, channel }
  if (sessionId === null || visitor.visits.some((visit) => visit.sessionId === sessionId)) return undefined
  visitor.visits = [...visitor.visits.filter((visit) => visit.at >= at - VISIT_LASTS), { sessionId, at }]
  return channel === null ? undefined : { ...touch, touchId: `visit:${sessionId}`, channel }
}
