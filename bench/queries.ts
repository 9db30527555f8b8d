import { count, type Plan, processor, sum, tumbling } from '#engine'
import type { AnyTopic } from '#engine/schema'
import { session } from '#engine/topology'
import { clicks, purchases } from '#schemas'
import { countryPerMinute, distinct, masked, pairs, sessions, userPerMinute } from './topics.ts'

/** Durations in milliseconds that every engine's program is given. */
export const times = {
  size: 60_000,
  gap: 20_000,
  grace: 10_000,
  /** How long before a purchase a click may be to pair with it. */
  before: 2_000,
  /** How far apart two purchases of one order may be and still count as one. */
  horizon: 60_000,
} as const

export const network = (ip: string): string => `${ip.slice(0, ip.lastIndexOf('.') + 1)}0`
export const initial = (email: string): string => `${email[0]}***${email.slice(email.indexOf('@'))}`

export interface Query {
  readonly says: string
  readonly sources: readonly AnyTopic[]
  /** Kappa's program; the peers' are in bench/peers. */
  readonly plan: Plan
}

export type QueryName = 'country' | 'user' | 'session' | 'join' | 'mask' | 'dedup'

const minutes = tumbling({ size: '1 minute', grace: '10 seconds' })
export const totals = { events: count(), revenue: sum('amount') } as const

export const queries: Readonly<Record<QueryName, Query>> = {
  country: {
    says: 'count and sum per minute by country: 8 keys, none of them the key of the source',
    sources: [purchases],
    plan: processor('bench-country', ({ from }) =>
      from(purchases).keyBy('country').window(minutes).aggregate(totals).emit('on-close').to(countryPerMinute),
    ),
  },
  user: {
    says: 'count and sum per minute by visitor: 50,000 keys',
    sources: [purchases],
    plan: processor('bench-user', ({ from }) =>
      from(purchases).keyBy('visitorId').window(minutes).aggregate(totals).emit('on-close').to(userPerMinute),
    ),
  },
  session: {
    says: 'sessions of 50,000 visitors, pauses of 20 seconds: count and sum',
    sources: [purchases],
    plan: processor('bench-session', ({ from }) =>
      from(purchases)
        .keyBy('visitorId')
        .window(session({ gap: '20 seconds', grace: '10 seconds' }))
        .aggregate(totals)
        .emit('on-close')
        .to(sessions),
    ),
  },
  join: {
    says: 'purchases and the clicks of the same visitor in the two seconds before',
    sources: [purchases, clicks],
    plan: processor('bench-join', ({ from }) =>
      from(purchases)
        .map(['eventId'], ({ eventId }) => ({ purchaseId: eventId }), { keep: ['visitorId', 'amount', 'occurredAt'] })
        .joinWithin(from(clicks), {
          on: ['visitorId'],
          before: '2 seconds',
          after: '0 seconds',
          grace: '10 seconds',
          kind: 'inner',
          select: { clickId: 'eventId' },
        })
        .to(pairs),
    ),
  },
  mask: {
    says: 'each purchase again with 7 of its 18 fields, address and e-mail cut: no state',
    sources: [purchases],
    plan: processor('bench-mask', ({ from }) =>
      from(purchases)
        .declassify(['ip', 'email'], 'the benchmark makes them up')
        .map(['ip', 'email'], ({ ip, email }) => ({ network: network(ip), initial: initial(email) }), {
          keep: ['eventId', 'visitorId', 'country', 'amount', 'occurredAt'],
        })
        .to(masked),
    ),
  },
  dedup: {
    says: 'orders once, though one in ten is sent again within a minute: 200,000 ids a minute',
    sources: [purchases],
    plan: processor('bench-dedup', ({ from }) =>
      from(purchases)
        .map([], () => ({}), { keep: ['eventId', 'visitorId', 'orderId', 'amount', 'occurredAt'] })
        .deduplicate({ by: ['orderId'], within: '1 minute' })
        .to(distinct),
    ),
  },
}

export const queryNames = Object.keys(queries) as readonly QueryName[]
