import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { count, hopping, type Plan, processor, session, sliding, sum, table, tumbling } from '#engine/topology'
import { Bench } from './bench-fixture.ts'
import type { Stage } from './contract.ts'
import { field, made, NEW_YEAR, sale, salesPerMinute, storeSales } from './trade-fixture.ts'

interface Store {
  readonly store: string
  readonly region: string | null
  readonly since: number
}
const stores = made<Store>('trade.stores.v1', { kind: 'table', key: 'store', time: 'since', id: ['store', 'since'] }, [
  field.text('store'),
  field.nullable('region', 'string'),
  field.time('since'),
])
interface Streak {
  readonly store: string
  readonly paid: number
  readonly endedAt: number
}
const streaks = made<Streak>('trade.streaks.v1', { key: 'store', time: 'endedAt' }, [
  field.text('store'),
  field.long('paid'),
  field.time('endedAt'),
])

const plans: Readonly<Record<string, Plan>> = {
  'tumbling windows, on update': processor('tumbling', ({ from }) =>
    from(storeSales)
      .keyBy('store', 'currency')
      .window(tumbling({ size: '1 minute', grace: '30 seconds' }))
      .aggregate({ orders: count(), revenue: sum('amount') })
      .emit('on-update')
      .to(salesPerMinute),
  ),
  'hopping windows, on close': processor('hopping', ({ from }) =>
    from(storeSales)
      .keyBy('store', 'currency')
      .window(hopping({ size: '1 minute', advance: '20 seconds', grace: '10 seconds' }))
      .aggregate({ orders: count(), revenue: sum('amount') })
      .emit('on-close')
      .to(salesPerMinute),
  ),
  'sessions, on close': processor('sessions', ({ from }) =>
    from(storeSales)
      .keyBy('store', 'currency')
      .window(session({ gap: '15 seconds', grace: '10 seconds' }))
      .aggregate({ orders: count(), revenue: sum('amount') })
      .emit('on-close')
      .to(salesPerMinute),
  ),
  'sliding windows, on close': processor('sliding', ({ from }) =>
    from(storeSales)
      .keyBy('store', 'currency')
      .window(sliding({ size: '20 seconds', grace: '10 seconds' }))
      .aggregate({ orders: count(), revenue: sum('amount') })
      .emit('on-close')
      .to(salesPerMinute),
  ),
  'a join by slices': processor('joined', ({ from }) =>
    from(storeSales)
      .join(table(stores, { history: '10 minutes' }), { on: ['store'], select: { region: 'region' }, kind: 'left' })
      .map(['region'], ({ region }) => ({ currency: region ?? 'nowhere' }), { keep: ['store', 'amount'] })
      .keyBy('store', 'currency')
      .window(tumbling({ size: '1 minute', grace: '30 seconds' }))
      .aggregate({ orders: count(), revenue: sum('amount') })
      .emit('on-close')
      .to(salesPerMinute),
  ),
  'typed state with timers': processor('streaks', ({ from }) =>
    from(storeSales)
      .keyBy('store')
      .process({
        name: 'streak',
        reads: ['status', 'items'],
        ttl: '2 minutes',
        state: { initial: () => ({ paid: 0, ends: 0 }) },
        onEvent({ key, eventTime, setTimer, clearTimer, remove }, { status, items }, state) {
          // Changed, then thrown: what was changed must not show.
          state.paid++
          if (items === 0) throw new Error('no items')
          clearTimer(state.ends)
          if (status === 'REFUSED') {
            remove()
            return { store: key.store, paid: -state.paid, endedAt: eventTime }
          }
          state.ends = eventTime + 30_000
          setTimer(state.ends)
          return []
        },
        onTimer: ({ key, eventTime, remove }, state) => {
          remove()
          return { store: key.store, paid: state.paid, endedAt: eventTime }
        },
      })
      .to(streaks),
  ),
}

const anEvent = fc.record({
  table: fc.boolean(),
  store: fc.constantFrom('north', 'south', 'east'),
  amount: fc.bigInt({ min: 0n, max: 100n }),
  items: fc.nat(4),
  status: fc.constantFrom('PAID' as const, 'PAID' as const, 'REFUSED' as const),
  region: fc.option(fc.constantFrom('hills', 'coast'), { nil: null }),
  at: fc.integer({ min: 0, max: 300_000 }),
})
/** A slice boundary, and what is done there. */
const cut = fc.record({
  take: fc.integer({ min: 1, max: 8 }),
  fate: fc.constantFrom('commit', 'crash', 'compact', 'go on', 'leave', 'return'),
})

for (const [name, plan] of Object.entries(plans)) {
  test(`${name}: any commits, crashes and snapshots give the bytes of the uninterrupted run of the same slices`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anEvent, { maxLength: 50 }), fc.array(cut, { maxLength: 25 }), async (events, cuts) => {
        const calm = await Bench.of(plan)
        const rough = await Bench.of(plan)
        for (const bench of [calm, rough])
          for (const { table: isTable, store, amount, items, status, region, at } of events) {
            if (isTable && name.includes('join')) bench.write(stores, { store, region, since: NEW_YEAR + at })
            else bench.write(storeSales, sale({ store, amount, items, status, soldAt: NEW_YEAR + at }))
          }
        // Slices are recorded: a task that lost one takes the same slices again.
        const slices: number[] = []
        // What a task left behind where it was given up, brought up to date by what others committed, is as good as new.
        let left: { readonly stage: Stage; readonly at: number } | undefined
        for (const { take, fate } of cuts) {
          const [task] = rough.tasks
          assert.ok(task)
          slices.push(take)
          await rough.take(task, take)
          if (fate === 'go on') continue
          if (fate === 'crash') {
            rough.crash(task)
            slices.splice(rough.kept)
            continue
          }
          rough.commit(task)
          rough.kept = slices.length
          if (fate === 'leave') {
            left = { stage: task.stage, at: task.changelog.length }
            rough.crash(task)
          }
          if (fate === 'return' && left) {
            for (const block of task.changelog.slice(left.at)) left.stage.restore(block)
            task.stage = left.stage
            left = undefined
          }
          if (fate === 'compact') {
            left = undefined
            rough.compact(task)
            rough.crash(task)
          }
        }
        const [task] = calm.tasks
        assert.ok(task)
        for (const take of slices) await calm.take(task, take)
        for (const bench of [calm, rough]) {
          await bench.run()
          bench.advance({ time: NEW_YEAR + 3_600_000, reason: 'idle' })
          await bench.run()
        }
        // Channels are different topics: between them no order is promised.
        const bytes = (bench: Bench) =>
          (['result', 'late', 'dead-letter'] as const)
            .flatMap((channel) => bench.of(channel))
            .map((record) => [
              record.channel,
              record.key?.toString('latin1'),
              record.value?.toString('latin1'),
              Object.entries(record.headers ?? {}).map(([header, value]) => `${header}=${value}`),
            ])
        assert.deepEqual(bytes(rough), bytes(calm))
      }),
      { numRuns: 150 },
    )
  })
}
