import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { KappaError } from '#engine/errors'
import { type AggregateColumn, count, mean, type Plan, processor, sum, tumbling } from '#engine/topology'
import { type SalesPerMinute, salesPerMinute, storeSales } from '../../compile/trade-fixture.ts'
import { LateWorld, salesCorrections, someSales, someWindows } from '../late-fixture.ts'
import { type SettleOptions, settle } from './settle.ts'
import { settleable } from './unlimited.ts'

const optionsOf = ({ sources, plan, driven }: LateWorld, more: Partial<SettleOptions> = {}): SettleOptions => ({
  ...sources,
  plan,
  deployment: driven.deployment,
  corrections: salesCorrections,
  ...more,
})

type Sums = Map<string, { orders: number; revenue: bigint }>

/** Ledger plus corrections, by row. */
function together(world: LateWorld): Sums {
  const sums: Sums = new Map()
  const add = ({ store, windowStart, orders, revenue }: SalesPerMinute): void => {
    const name = `${store}|${windowStart}`
    const own = sums.get(name) ?? { orders: 0, revenue: 0n }
    sums.set(name, { orders: own.orders + orders, revenue: own.revenue + revenue })
  }
  for (const row of [...world.rows(), ...world.corrections()]) add(row)
  return sums
}

const sorted = (sums: Sums) => [...sums].sort(([a], [b]) => (a < b ? -1 : 1))
const dying = (step: number) => ({
  atStep: (_what: string, now: number): void => {
    if (now === step) throw new Error('dies')
  },
})

for (const rekeyed of [false, true])
  test(`${rekeyed ? 'two stages' : 'one stage'}: ledger plus corrections is the whole recomputation, to the cent, whatever is late and wherever it dies`, async () => {
    let posted = 0
    const aWorld = { sold: someSales, later: someSales, windows: someWindows, seed: fc.integer({ min: 1, max: 50 }) }
    await fc.assert(
      fc.asyncProperty(fc.record({ ...aWorld, step: fc.constantFrom(1, 2, 3) }), async (drawn) => {
        const { sold, later, windows, seed, step } = drawn
        const world = await LateWorld.open({ rekeyed, ...windows, seed })
        const options = optionsOf(world)
        try {
          world.sell(sold)
          await world.close()
          await settle({ ...options, ...dying(step) }).catch((thrown) => assert.match(String(thrown), /dies/))
          const first = await settle(options)
          assert.equal(first.waiting, 0)
          assert.deepEqual(sorted(together(world)), sorted(world.truth(windows.size)))
          const before = world.corrections().length
          const again = await settle(options)
          assert.deepEqual([again.corrections, again.read, world.corrections().length], [[], 0, before], 'nothing new')
          // Everything that comes now is late.
          world.sell(later)
          await world.driven.run()
          const second = await settle(options)
          assert.deepEqual(sorted(together(world)), sorted(world.truth(windows.size)))
          assert.equal(world.corrections().length, before + second.corrections.length)
          const ids = world.corrections().map(({ correctionId }) => correctionId)
          assert.equal(new Set(ids).size, ids.length, 'each id once')
          posted += ids.length
        } finally {
          await world.driven.close()
        }
      }),
      { numRuns: 6, seed: 3 },
    )
    assert.ok(posted > 20, `${posted} corrections were part of it`)
  })

test('a commit that fails, or whose outcome is not known, is posted once by the next run', async () => {
  for (const fault of ['aborted', 'unknown', 'unreachable'] as const) {
    const world = await LateWorld.open({ rekeyed: false, size: 60_000, grace: 0 })
    const one = { store: 1, cents: 100, paid: true }
    world.sell([
      { ...one, seconds: 10 },
      { ...one, seconds: 200 },
      { ...one, seconds: 20 },
    ])
    await world.close()
    world.driven.broker.failNextCommits([fault], 'settle')
    await assert.rejects(
      settle(optionsOf(world)),
      (thrown) => thrown instanceof KappaError && thrown.code === 'ABORTED',
    )
    await settle(optionsOf(world))
    assert.deepEqual(
      world.corrections().map(({ correctionId, orders, revenue }) => ({ correctionId, orders, revenue })),
      [{ correctionId: `sales-per-minute/store 1|EUR|${world.rows()[0]?.windowStart}/1`, orders: 1, revenue: 100n }],
      fault,
    )
    await world.driven.close()
  }
})

test('a window that is not final waits, and is settled once it is; a dry run posts nothing', async () => {
  const world = await LateWorld.open({ rekeyed: true, size: 60_000, grace: 0 })
  const { driven } = world
  const at = (partition: number, seconds: number) => ({ store: 1, cents: 100, paid: true, partition, seconds })
  // One partition is ahead: what is late there misses a window that is not closed behind the re-key yet.
  world.sell([at(0, 10), at(1, 20), at(0, 300), at(1, 100), at(0, 250), at(0, 30)])
  await driven.run()
  const early = await settle(optionsOf(world))
  assert.deepEqual([early.waiting, early.windows], [1, 1])
  assert.deepEqual(
    early.corrections.map(({ windowStart, orders }) => [(Number(windowStart) / 1_000) % 3_600, orders]),
    [[0, 1]],
  )
  await world.close()
  const dry = await settle(optionsOf(world, { dryRun: true }))
  const posted = world.corrections().length
  const done = await settle(optionsOf(world))
  assert.deepEqual(done.corrections, dry.corrections)
  assert.equal(world.corrections().length, posted + done.corrections.length)
  assert.equal(done.waiting, 0)
  assert.deepEqual(sorted(together(world)), sorted(world.truth(60_000)))
  await driven.close()
})

test('rows that sums cannot correct are refused with the way out', () => {
  const means = processor('means', ({ from }) =>
    from(storeSales)
      .keyBy('store', 'currency')
      .window(tumbling({ size: '1 minute', grace: '0 seconds' }))
      .aggregate({ orders: count(), revenue: sum('amount'), mean: mean('amount') })
      .emit('on-close')
      .map(['revenue'], ({ revenue }) => ({ revenue }), {
        keep: ['store', 'currency', 'windowStart', 'windowEnd', 'orders'],
      })
      .to(salesPerMinute),
  )
  assert.throws(
    () => settleable(means, salesCorrections),
    /only rows that are published once, by windows.*kappa replay run means/,
  )
  const plain = processor('plain', ({ from }) =>
    from(storeSales)
      .keyBy('store', 'currency')
      .window(tumbling({ size: '1 minute', grace: '0 seconds' }))
      .aggregate({ orders: count(), revenue: sum('amount') })
      .emit('on-close')
      .to(salesPerMinute),
  )
  assert.throws(() => settleable(plain, undefined), /it has no topic of corrections/)
  const odd = (columns: Readonly<Record<string, AggregateColumn>>): Plan => {
    const { operator } = plain
    if (operator?.kind !== 'window') return assert.fail('plain has windows')
    return { ...plain, operator: { ...operator, columns: { ...operator.columns, ...columns } } }
  }
  const refused = (columns: Readonly<Record<string, AggregateColumn>>, why: RegExp) =>
    assert.throws(() => settleable(odd(columns), salesCorrections), why)
  refused({ stores: { kind: 'distinct', field: 'store' } }, /stores \(distinct\): only counts and sums are added to/)
  refused({ about: { kind: 'approximate distinct', field: 'store', precision: 12 } }, /about \(.*a sketch is not exact/)
  refused({ name: { kind: 'mean', field: 'store' } }, /name \(mean\): a mean of doubles depends on their order/)
  refused({ least: { kind: 'min', field: 'amount' } }, /trade\.sales-corrections\.v1 has no least/)
  assert.deepEqual(settleable(plain, salesCorrections).columns, ['orders', 'revenue'])
})
