import { count, processor, tumbling } from '#engine'
import { cartChanges, clicks, type FunnelStep, funnelPerMinute, pageViews, purchases } from '#schemas'

interface Step {
  readonly type: FunnelStep
}
const live = { idleAfter: '10 seconds' } as const

/** Page views, clicks, cart changes and paid checkouts per country, for each minute of event time: the live funnel. */
export default processor('funnel-per-minute', ({ from, merge }) =>
  merge(
    from(pageViews, live).map([], (): Step => ({ type: 'PAGE_VIEW' }), { keep: ['country'] }),
    from(clicks, live).map([], (): Step => ({ type: 'CLICK' }), { keep: ['country'] }),
    from(cartChanges, live).map(
      ['action'],
      ({ action }): Step => ({ type: action === 'ADD' ? 'ADD_TO_CART' : 'REMOVE_FROM_CART' }),
      { keep: ['country'] },
    ),
    from(purchases, live)
      .where({ status: 'PAID' })
      .map([], (): Step => ({ type: 'PURCHASE' }), { keep: ['country'] }),
  )
    .keyBy('type', 'country')
    .window(tumbling({ size: '1 minute', grace: '30 seconds' }))
    .aggregate({ events: count() })
    .emit('on-close')
    .to(funnelPerMinute),
)
