import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { KappaError } from '#engine/errors'
import { processor, type TablePlan, table } from '#engine/topology'
import { Bench, header } from '../bench-fixture.ts'
import { field, made, NEW_YEAR } from '../trade-fixture.ts'
import { order, orders, type Pair, pairs } from './pairs-fixture.ts'

interface Rate {
  readonly shop: string
  readonly name: string
  readonly since: number
}
const rates = made<Rate>('trade.rates.v1', { kind: 'table', key: 'shop', time: 'since', id: ['shop', 'since'] }, [
  field.text('shop'),
  field.text('name'),
  field.time('since'),
])
const rate = (name: string, at: number, shop = 'north'): Rate => ({ shop, name, since: NEW_YEAR + at })

const priced = (grace: number, clock: TablePlan['clock'] = 'streams', history = 1000) =>
  processor('priced', ({ from }) =>
    from(orders)
      .join(table(rates, { history: `${history} milliseconds`, clock }), {
        on: ['shop'],
        select: { rate: 'name' },
        kind: 'left',
        grace: `${grace} milliseconds`,
      })
      .map(['orderedAt', 'rate'], ({ orderedAt, rate: paymentId }) => ({ pair: '', paymentId, at: orderedAt }), {
        keep: ['shop', 'orderId'],
      })
      .to(pairs),
  )

const shown = (rows: readonly Pair[]) => rows.map(({ orderId, paymentId, at }) => [orderId, paymentId, at - NEW_YEAR])

test('an event waits for the grace and finds what was written late; one that is older does not wait', async () => {
  const bench = await Bench.of(priced(10))
  for (const [topic, row] of [
    [orders, order('a', 100)],
    [rates, rate('late', 95)],
    [orders, order('b', 109)],
  ] as const) {
    if (topic === orders) bench.write(orders, row as ReturnType<typeof order>)
    else bench.write(rates, row as Rate)
    await bench.run()
  }
  assert.deepEqual(shown(bench.rows(pairs)), [])
  assert.equal(bench.task().stage.stateEntries, 3)
  bench.write(orders, order('c', 110))
  bench.write(orders, order('old', 96))
  await bench.run()
  assert.deepEqual(shown(bench.rows(pairs)), [
    ['a', 'late', 100],
    ['old', 'late', 96],
  ])
  bench.advance({ time: NEW_YEAR + 110, reason: 'import' })
  await bench.run()
  assert.deepEqual(shown(bench.rows(pairs)).slice(2), [
    ['b', 'late', 109],
    ['c', 'late', 110],
  ])
})

test('a jump of time does not make those that wait too old for the history', async () => {
  const bench = await Bench.of(priced(10, 'streams', 20))
  bench.write(rates, rate('x', 0))
  bench.write(orders, order('a', 5))
  bench.write(orders, order('b', 100_000))
  await bench.run()
  assert.deepEqual(shown(bench.rows(pairs)), [['a', 'x', 5]])
  assert.deepEqual(bench.of('late'), [])
})

test('a table with the shared clock moves time, and its rows can be late by name', async () => {
  const bench = await Bench.of(priced(0, 'shared', 10))
  for (const row of [rate('now', 15), rate('too old', 4), rate('just', 5)]) {
    bench.write(rates, row)
    await bench.run()
  }
  bench.write(orders, order('before', 4))
  bench.write(orders, order('then', 5))
  await bench.run()
  assert.deepEqual(shown(bench.rows(pairs)), [['then', 'just', 5]])
  assert.deepEqual(
    bench.of('late').map((record) => [header(record, 'reason'), header(record, 'topic')]),
    [
      ['history', 'trade.rates.v1'],
      ['history', 'trade.orders.v1'],
    ],
  )
})

test('a history that is shorter than the grace is refused', () => {
  assert.throws(
    () => priced(100, 'streams', 50),
    (thrown) => thrown instanceof KappaError && /history of trade\.rates\.v1 is shorter/.test(thrown.message),
  )
})

const anEvent = fc.record({
  row: fc.boolean(),
  shop: fc.constantFrom('north', 'south'),
  at: fc.integer({ min: 0, max: 60 }),
})
const cut = fc.record({
  take: fc.integer({ min: 1, max: 5 }),
  fate: fc.constantFrom('commit', 'crash', 'compact', 'go on'),
})

test('any events in any order, slices, commits, crashes and snapshots: each is joined as of its time, when its grace is over', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 20 }),
      fc.array(anEvent, { maxLength: 40 }),
      fc.array(cut, { maxLength: 25 }),
      async (grace, some, cuts) => {
        const events = some.map((event, n) => ({ ...event, name: `e${n}` }))
        const bench = await Bench.of(priced(grace))
        for (const { row, name, shop, at } of events) {
          if (row) bench.write(rates, rate(name, at, shop))
          else bench.write(orders, order(name, at, shop))
        }
        const [task] = bench.tasks
        assert.ok(task)
        const slices: (readonly number[])[] = []
        const take = async (most: number) => {
          const from = task.taken
          await bench.take(task, most)
          slices.push(task.taken.map((to, n) => to - (from[n] ?? 0)))
        }
        let kept = 0
        for (const { take: most, fate } of cuts) {
          await take(most)
          if (fate === 'go on') continue
          if (fate === 'crash') {
            bench.crash(task)
            slices.splice(kept)
            continue
          }
          bench.commit(task)
          kept = slices.length
          if (fate === 'compact') {
            bench.compact(task)
            bench.crash(task)
          }
        }
        await take(events.length + 1)
        bench.advance({ time: NEW_YEAR + 500, reason: 'idle' })
        bench.commit(task)
        assert.deepEqual(shown(bench.rows(pairs)), modelled(grace, events, slices))
      },
    ),
    { numRuns: 300 },
  )
})

type Taken = { readonly row: boolean; readonly shop: string; readonly at: number; readonly name: string }

/** The same, said naively: a list of versions searched from end to end, a list of those that wait. */
function modelled(grace: number, events: readonly Taken[], slices: readonly (readonly number[])[]) {
  const sides = [events.filter(({ row }) => !row), events.filter(({ row }) => row)]
  const versions: Taken[] = []
  let waiting: Taken[] = []
  let now = Number.NEGATIVE_INFINITY
  const lines: unknown[] = []
  const look = (event: Taken) => {
    const known = versions.filter(({ shop, at }) => shop === event.shop && at <= event.at)
    const latest = known.reduce<Taken | undefined>((best, one) => (best && best.at > one.at ? best : one), undefined)
    lines.push([event.name, latest?.name ?? null, event.at])
  }
  const release = () => {
    const due = waiting.filter(({ at }) => at + grace <= now)
    waiting = waiting.filter(({ at }) => at + grace > now)
    for (const event of due.sort((a, b) => a.at - b.at)) look(event)
  }
  for (const counts of slices) {
    const heads = counts.map((count, n) => sides[n]?.splice(0, count) ?? [])
    for (;;) {
      const [event, row] = [heads[0]?.[0], heads[1]?.[0]]
      const next = row && (!event || row.at <= event.at) ? row : event
      if (!next) break
      heads[next.row ? 1 : 0]?.shift()
      if (next.row) versions.push(next)
      else {
        now = Math.max(now, next.at)
        release()
        waiting.push(next)
        release()
      }
    }
  }
  now = 500
  release()
  return lines
}
