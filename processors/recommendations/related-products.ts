import { processor } from '#engine'
import { basketProducts, relatedProducts } from '#schemas'
import { type Counters, count, mostFrequent, noCounters } from './neighbours.ts'

/** Changes of a product are told together, so long after the first of them, in event time. Milliseconds. */
const TOLD_AFTER = 3_600_000
/** Products counted beside each: bounds the state, whatever is sold. */
const COUNTED = 256
const TOLD = 20
/** Products that were together once say nothing. */
const LEAST_TOGETHER = 2

interface Related {
  baskets: number
  readonly others: Counters
  /** Changes wait to be told. */
  waits: boolean
}

/**
 * What is bought together with each product, kept as baskets arrive: how often it was in a basket, and the products that
 * were in most of them. A product that is not sold for 400 days is forgotten. Over the same topic of baskets a replay gives the same rows.
 */
export default processor('related-products', ({ from }) =>
  from(basketProducts, { idleAfter: '10 seconds' })
    .keyBy('productId')
    .process({
      name: 'related',
      reads: ['others'],
      ttl: '400 days',
      state: { initial: (): Related => ({ baskets: 0, others: noCounters(), waits: false }) },
      onEvent({ eventTime, streamTime, setTimer }, { others }, related) {
        related.baskets += 1
        for (const other of others) count(related.others, other, COUNTED)
        if (related.waits) return []
        related.waits = true
        // Baskets of several tasks may be behind one another: from where time stands, so that each is not told by itself.
        setTimer(Math.max(eventTime, streamTime) + TOLD_AFTER)
        return []
      },
      onTimer({ key, eventTime }, related) {
        related.waits = false
        const found = mostFrequent(related.others, TOLD, LEAST_TOGETHER)
        if (found.length === 0) return []
        return [
          {
            productId: key.productId,
            baskets: related.baskets,
            others: found.map(({ id }) => id),
            together: found.map(({ times }) => times),
            asOf: eventTime,
          },
        ]
      },
    })
    .to(relatedProducts),
)
