import { count, processor, sum, tumbling } from '#engine'
import { purchases, revenuePerMinute } from '#schemas'

/** Paid revenue and orders per country and currency, for each minute of event time; published once, after the grace. */
export default processor('revenue-per-minute', ({ from }) =>
  from(purchases, { idleAfter: '10 seconds' })
    .where({ status: 'PAID' })
    .keyBy('country', 'currency')
    .window(tumbling({ size: '1 minute', grace: '30 seconds' }))
    .aggregate({ orders: count(), revenue: sum('amount') })
    .emit('on-close')
    .to(revenuePerMinute),
)
