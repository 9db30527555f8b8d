import { count, processor, sum, tumbling } from '#engine'
import { cartAbandonmentPerMinute, cartOutcomes } from '#schemas'

/** Carts decided per country, for each minute of event time: how many were bought, how many abandoned. */
export default processor('cart-abandonment-per-minute', ({ from }) =>
  from(cartOutcomes, { idleAfter: '10 seconds' })
    .map(
      ['outcome'],
      ({ outcome }) => ({ bought: outcome === 'BOUGHT' ? 1 : 0, left: outcome === 'ABANDONED' ? 1 : 0 }),
      { keep: ['country'] },
    )
    .keyBy('country')
    .window(tumbling({ size: '1 minute', grace: '30 seconds' }))
    .aggregate({ carts: count(), purchases: sum('bought'), abandoned: sum('left') })
    .emit('on-close')
    .to(cartAbandonmentPerMinute),
)
