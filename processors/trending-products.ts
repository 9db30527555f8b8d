import { count, hopping, processor, topK } from '#engine'
import { cartChanges, pageViews, trendingProducts } from '#schemas'

interface Interest {
  readonly productId: string
}

const live = { idleAfter: '10 seconds' } as const

/** What a country looks at and puts into carts most, over the hour before each five minutes of event time. */
export default processor('trending-products', ({ from, merge }) =>
  merge(
    from(pageViews, live)
      .filter(['productId'], ({ productId }) => productId !== null)
      .map(['productId'], ({ productId }): Interest => ({ productId: productId ?? '' }), { keep: ['country'] }),
    from(cartChanges, live)
      .where({ action: 'ADD' })
      .map(['productId'], ({ productId }): Interest => ({ productId }), { keep: ['country'] }),
  )
    .keyBy('country')
    .window(hopping({ size: '1 hour', advance: '5 minutes', grace: '30 seconds' }))
    .aggregate({
      events: count(),
      products: topK('productId', { k: 10 }),
      counts: topK('productId', { k: 10, yields: 'counts' }),
    })
    .emit('on-close')
    .to(trendingProducts),
)
