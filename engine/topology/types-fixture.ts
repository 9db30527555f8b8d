import type { Topic } from '#engine/schema'
import {
  approximateDistinct,
  calendar,
  collect,
  count,
  countWindow,
  distinct,
  first,
  fold,
  max,
  mean,
  notFollowed,
  processor,
  quantile,
  quantiles,
  session,
  sliding,
  sum,
  table,
  topK,
  tumbling,
  variance,
} from './index.ts'

/**
 * What must compile, and what must not: checked by the compiler, never run (types.test.ts asks the compiler). Every line
 * marked @ts-expect-error is a guarantee to authors.
 */
interface Purchase {
  readonly orderId: string
  readonly customerId: string
  readonly productId: string
  readonly email: string
  readonly ip: string | null
  readonly country: string
  readonly currency: string
  readonly status: 'PAID' | 'REFUSED'
  readonly amount: bigint
  readonly items: number
  readonly discount: number | null
  readonly occurredAt: number
}
interface RevenuePerMinute {
  readonly country: string
  readonly currency: string
  readonly windowStart: number
  readonly windowEnd: number
  readonly orders: number
  readonly revenue: bigint
}
declare const batches: Topic<{ customerId: string; windowNumber: number; windowEnd: number; orders: number }>
type Bounds = { readonly windowStart: number; readonly windowEnd: number }
declare const purchases: Topic<Purchase>
declare const products: Topic<{ productId: string; department: string; price: bigint; validFrom: number }>
declare const revenuePerMinute: Topic<RevenuePerMinute>
declare const perCountry: Topic<
  Bounds & { country: string; buyers: number; meanDiscount: number | null; orders: string[] }
>
declare const perDepartment: Topic<Bounds & { department: string; firstOrder: string; most: number | null }>
declare const refunds: Topic<{ refundId: string; buyerId: string; reason: string; refundedAt: number }>
declare const refunded: Topic<{ id: string; customerId: string; orderId: string; reason: string; refundedAt: number }>
declare const unrefunded: Topic<{ customerId: string; orderId: string | null; refundId: string | null }>
declare const figures: Topic<
  Bounds & {
    country: string
    products: number
    about: number
    spread: number | null
    p95: number
    p95Discount: number | null
    tails: number[]
    best: string[]
    bestCounts: number[]
    volume: bigint
    longest: string | null
  }
>
declare const labels: Topic<{ id: string; title: string; at: number }>
declare const labelled: Topic<{ productId: string; price: bigint; title: string | null }>
declare const masked: Topic<{ orderId: string; emailPseudonym: string; ipPrefix: string | null }>
declare const alarms: Topic<{ country: string; kind: 'HIGH' | 'LOW'; at: number }>

export function mustCompile(): void {
  processor('revenue-per-minute', ({ from }) =>
    from(purchases, { idleAfter: '30 seconds', maxAhead: '1 hour' })
      .where({ status: 'PAID' })
      .keyBy('country', 'currency')
      .window(tumbling({ size: '1 minute', grace: '30 seconds' }))
      .aggregate({ orders: count(), revenue: sum('amount') })
      .emit('on-close')
      .to(revenuePerMinute),
  )
  processor('per-country', ({ from }) =>
    from(purchases)
      .where({ status: ['PAID', 'REFUSED'], country: 'DE' })
      .filter(['amount', 'items'], (p) => p.amount > 0n && p.items > 0)
      .keyBy('country')
      .window(calendar({ unit: 'day', timeZone: 'America/New_York', grace: '1 day' }))
      .aggregate({ buyers: count(), meanDiscount: mean('discount'), orders: collect('orderId') })
      .emit('on-update')
      .to(perCountry),
  )
  processor('per-department', ({ from, merge }) =>
    merge(
      from(purchases).join(table(products, { history: '400 days' }), {
        on: ['productId'],
        select: { department: 'department', listPrice: 'price' },
        kind: 'left',
        otherwise: { department: 'unknown' },
        maxAge: '1 hour',
        asOf: 'occurredAt',
      }),
    )
      .filter(['listPrice'], ({ listPrice }) => listPrice === null || listPrice > 0n)
      .keyBy('department')
      .window(tumbling({ size: '1 minute', grace: '0 seconds' }))
      .aggregate({ firstOrder: first('orderId'), most: max('discount') })
      .emit('on-close')
      .to(perDepartment),
  )
  const near = { on: ['customerId'], before: '-1 minute', after: '30 days', grace: '1 hour' } as const
  processor('refunded', ({ from }) =>
    from(purchases)
      .joinWithin(from(refunds).where({ reason: 'broken' }), {
        ...near,
        select: { reason: 'reason', refundedAt: 'refundedAt' },
        kind: 'inner',
        identity: 'id',
      })
      .to(refunded),
  )
  processor('unrefunded', ({ from }) =>
    from(purchases)
      .joinWithin(from(refunds), { ...near, select: { refundId: 'refundId' }, kind: 'outer' })
      .to(unrefunded),
  )
  processor('batches', ({ from }) =>
    from(purchases)
      .keyBy('customerId')
      .window(countWindow({ size: 10 }))
      .aggregate({ orders: count() })
      .emit('on-close')
      .to(batches),
  )
  processor('sessions', ({ from }) =>
    from(purchases)
      .keyBy('country', 'currency')
      .window(session({ gap: '30 minutes', grace: '1 minute' }))
      .aggregate({ orders: count(), revenue: sum('amount') })
      .emit('on-close')
      .to(revenuePerMinute),
  )
  processor('priced', ({ joinTables }) =>
    joinTables(products, labels, { on: ['productId'], select: { title: 'title' }, kind: 'left' }).to(labelled),
  )
  processor('masked', ({ from }) =>
    from(purchases).mask({ email: 'emailPseudonym', ip: 'ipPrefix', customerId: null }).to(masked),
  )
  processor('alarms', ({ from }) =>
    from(purchases)
      .map(['amount'], ({ amount }) => ({ high: amount > 100n }), { keep: ['country', 'occurredAt'] })
      .keyBy('country')
      .process({
        name: 'alarm',
        reads: ['high'],
        ttl: '1 day',
        state: { initial: () => ({ last: 0 }) },
        onEvent({ key, eventTime, setTimer }, { high }, state) {
          state.last = eventTime
          setTimer(eventTime + 1000)
          return high ? [{ country: key.country, kind: 'HIGH', at: eventTime }] : undefined
        },
        onTimer: ({ key }, { last }) => ({ country: key.country, kind: 'LOW', at: last }),
      })
      .to(alarms),
  )
  processor('figures', ({ from }) =>
    from(purchases)
      .keyBy('country')
      .window(tumbling({ size: '1 minute', grace: '30 seconds' }))
      .aggregate({
        products: distinct('productId'),
        about: approximateDistinct('customerId', { precision: 14 }),
        spread: variance('amount'),
        p95: quantile('amount', { at: 0.95 }),
        p95Discount: quantile('discount', { at: 0.95, accuracy: 0.001 }),
        tails: quantiles('items', { at: [0.01, 0.99] }),
        best: topK('productId', { k: 10 }),
        bestCounts: topK('productId', { k: 10, yields: 'counts' }),
        volume: fold({
          reads: ['amount', 'items'],
          initial: () => 0n,
          add: (volume, row: { amount: bigint; items: number }) => volume + row.amount * BigInt(row.items),
          merge: (volume, other) => volume + other,
          order: 'any',
        }),
        longest: fold({
          reads: ['productId'],
          initial: () => [] as string[],
          add: (seen, { productId }: { productId: string }) => [...seen, productId],
          merge: (seen, other) => [...seen, ...other],
          result: (seen) => seen[0] ?? null,
          encode: (seen) => seen,
          decode: (plain) => plain as string[],
        }),
      })
      .emit('on-close')
      .to(figures),
  )
  processor('quiet', ({ from }) =>
    from(purchases)
      .deduplicate({ by: ['orderId'], within: '1 hour' })
      .keyBy('country')
      .process(
        notFollowed({
          name: 'quiet',
          reads: ['status'],
          starts: ({ status }) => status === 'REFUSED',
          ends: ({ status }) => status === 'PAID',
          within: '30 minutes',
          grace: '1 minute',
          of: 'last',
          make: ({ key, endedAt }) => ({ country: key.country, kind: 'LOW', at: endedAt }),
        }),
      )
      .to(alarms),
  )
  processor('totals', ({ from }) =>
    from(purchases)
      .keyBy('country', 'currency')
      .window(tumbling({ size: '1 minute', grace: '30 seconds' }))
      .aggregate({ bought: count(), revenue: sum('amount') })
      .emit('on-close')
      .map(['bought'], ({ bought }) => ({ orders: bought * 2 }), {
        keep: ['country', 'currency', 'windowStart', 'windowEnd', 'revenue'],
      })
      .to(revenuePerMinute),
  )
  processor('renamed', ({ from }) =>
    from(purchases, { arrival: 'writtenAt' })
      .map(['amount', 'writtenAt'], ({ amount, writtenAt }) => ({ high: amount > 100n, late: writtenAt > 0 }), {
        keep: ['occurredAt'],
        rename: { refundId: 'orderId', buyerId: 'customerId', reason: 'country', refundedAt: 'occurredAt' },
      })
      .to(refunds),
  )
}

export function mustNotCompile(): void {
  processor('wrong', ({ from, merge, joinTables }) => {
    const keyed = from(purchases).keyBy('country', 'currency')
    const windowed = keyed.window(tumbling({ size: '1 minute', grace: '0 seconds' }))
    // @ts-expect-error no such field
    from(purchases).keyBy('contry')
    // @ts-expect-error not a value of the enum
    from(purchases).where({ status: 'PAYED' })
    // @ts-expect-error reads a field that it did not name
    from(purchases).map(['amount'], (p) => ({ total: p.items }))
    const total = (p: { amount: bigint }) => ({ total: p.amount })
    // @ts-expect-error keeps a field that is not there
    from(purchases).map(['amount'], total, { keep: ['total'] })
    // @ts-expect-error renames a field that is not there
    from(purchases).map(['amount'], total, { keep: [], rename: { buyerId: 'custmerId' } })
    const renamed = from(purchases).map(['amount'], total, { keep: [], rename: { buyerId: 'customerId' } })
    // @ts-expect-error reads a field by its old name
    renamed.filter(['customerId'], () => true)
    // @ts-expect-error the time of writing has no column where none was named
    from(purchases).filter(['writtenAt'], () => true)
    const mapped = from(purchases).map(['amount'], total)
    // @ts-expect-error reads a field that the map before it took away
    mapped.filter(['items'], () => true)
    // @ts-expect-error grace has no default
    tumbling({ size: '1 minute' })
    // @ts-expect-error grace has no default
    session({ gap: '1 minute' })
    const sliding10 = sliding({ size: '10 minutes', grace: '0 seconds' })
    const perCustomer = from(purchases).keyBy('customerId').window(sliding10)
    // @ts-expect-error only windows of a number of events have one
    perCustomer.aggregate({ orders: count() }).emit('on-close').to(batches)
    // @ts-expect-error no such unit of time
    tumbling({ size: '1 fortnight', grace: '0 seconds' })
    // @ts-expect-error a string cannot be summed
    windowed.aggregate({ revenue: sum('orderId') })
    // @ts-expect-error duplicates are told by fields there are
    from(purchases).deduplicate({ by: ['eventId'], within: '1 hour' })
    const quiet = { name: 'q', starts: () => true, ends: () => true, within: '1 hour', grace: '0 seconds' } as const
    // @ts-expect-error the pattern's row reads a field that it did not name
    keyed.process(notFollowed({ ...quiet, of: 'each', reads: ['status'], make: ({ event }) => ({ a: event.amount }) }))
    // @ts-expect-error a string has no variance
    windowed.aggregate({ spread: variance('orderId') })
    // @ts-expect-error no such field
    windowed.aggregate({ best: topK('product', { k: 3 }) })
    const adding = { initial: () => 0n, merge: (a: bigint, b: bigint) => a + b } as const
    // @ts-expect-error the fold reads a field that it did not name
    fold({ ...adding, reads: ['amount'], add: (a, row: { amount: bigint; items: number }) => a + BigInt(row.items) })
    const misread = fold({ ...adding, reads: ['amount'], add: (a, row: { amount: number }) => a + BigInt(row.amount) })
    // @ts-expect-error the amount is no number
    windowed.aggregate({ volume: misread })
    const spreads = windowed.aggregate({ orders: count(), revenue: variance('amount') }).emit('on-close')
    // @ts-expect-error a variance is a double, and null where there are too few values
    spreads.to(revenuePerMinute)
    // @ts-expect-error a table's history has no default
    table(products, {})
    const versions = table(products, { history: '1 day' })
    // @ts-expect-error the table has no such field
    from(purchases).join(versions, { on: ['productId'], select: { x: 'nope' }, kind: 'left' })
    const near = { on: ['customerId'], before: '1 minute', after: '1 day', grace: '1 hour' } as const
    // @ts-expect-error the right stream has no such field
    from(purchases).joinWithin(from(refunds), { ...near, select: { reason: 'why' }, kind: 'left' })
    // @ts-expect-error the grace of a join has no default
    from(purchases).joinWithin(from(refunds), {
      on: ['country'],
      before: '1 day',
      after: '1 day',
      select: {},
      kind: 'left',
    })
    const selected = { reason: 'reason', refundedAt: 'refundedAt' } as const
    const left = from(purchases).joinWithin(from(refunds), { ...near, select: selected, kind: 'left', identity: 'id' })
    // @ts-expect-error in a left join the right columns may be null
    left.to(refunded)
    const outer = from(purchases).joinWithin(from(refunds), { ...near, select: selected, kind: 'outer' })
    // @ts-expect-error in an outer join the left columns may be null
    outer.filter(['amount'], ({ amount }) => amount > 0n)
    const outerTable = joinTables(products, labels, { on: ['productId'], select: { title: 'title' }, kind: 'outer' })
    // @ts-expect-error in an outer join of tables the left columns may be null
    outerTable.to(labelled)
    // @ts-expect-error no field of that name can be personal
    from(purchases).mask({ mail: 'emailPseudonym' })
    // @ts-expect-error streams of different rows cannot be merged
    merge(from(purchases), from(products))
    // @ts-expect-error no destination before an emit mode is chosen
    windowed.aggregate({ orders: count(), revenue: sum('amount') }).to(revenuePerMinute)
    const revenueAlone = windowed.aggregate({ revenue: sum('amount') }).emit('on-close')
    // @ts-expect-error the column `orders` is missing
    revenueAlone.to(revenuePerMinute)
    const stateful = { name: 's', reads: ['items'], state: { initial: () => ({ n: 0 }) } } as const
    // @ts-expect-error reads a field that it did not name
    keyed.process({ ...stateful, onEvent: (_context, event) => ({ country: event.orderId }) })
    // @ts-expect-error the state has no such part
    keyed.process({ ...stateful, onEvent: (_context, _event, state) => ({ country: String(state.m) }) })
    // @ts-expect-error the kind of an alarm is an enum
    keyed.process({ ...stateful, onEvent: ({ key }) => ({ country: key.country, kind: 'MIDDLE', at: 0 }) }).to(alarms)
    const means = windowed.aggregate({ orders: count(), revenue: mean('amount') }).emit('on-close')
    // @ts-expect-error revenue is an exact decimal, a mean is not
    return means.to(revenuePerMinute)
  })
}
