import { processor, table } from '#engine'
import { type CustomerTouch, codes, customerTouches, redemptions, touches } from '#schemas'

const live = { idleAfter: '10 seconds' } as const

/**
 * The touches of customers: those of visitors who are known, and the codes of influencers that they redeemed, which are the
 * only trace of a post that nobody clicked on. What nobody is known for stays in marketing.touches.v1.
 */
export default processor('customer-touches', ({ from, merge }) =>
  merge(
    from(touches, live)
      .filter(['customerId'], ({ customerId }) => customerId !== null)
      .map(
        ['touchId', 'customerId', 'visitorId', 'channel', 'campaignId', 'touchedAt'],
        ({ touchId, customerId, visitorId, channel, campaignId, touchedAt }): CustomerTouch => ({
          touchId,
          customerId: customerId ?? '',
          visitorId,
          channel,
          campaignId,
          code: null,
          influencerId: null,
          touchedAt,
        }),
      ),
    from(redemptions, live)
      .join(table(codes, { history: '400 days', idleAfter: '10 seconds' }), {
        on: ['code'],
        select: { influencerId: 'influencerId' },
        kind: 'left',
      })
      .map(
        ['redemptionId', 'customerId', 'code', 'influencerId', 'redeemedAt'],
        ({ redemptionId, customerId, code, influencerId, redeemedAt }): CustomerTouch => ({
          touchId: `code:${redemptionId}`,
          customerId,
          visitorId: null,
          channel: 'INFLUENCER',
          campaignId: null,
          code,
          influencerId,
          touchedAt: redeemedAt,
        }),
      ),
  ).to(customerTouches),
)
