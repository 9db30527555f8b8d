import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KappaError } from '#engine/errors'
import { processor } from '#engine/topology'
import { Bench, header } from './bench-fixture.ts'
import { field, made, NEW_YEAR, sale, sales, storeSales } from './trade-fixture.ts'

interface Note {
  readonly store: string
  readonly what: string
  readonly at: number
}
const notes = made<Note>('trade.notes.v1', { key: 'store', time: 'at' }, [
  field.text('store'),
  field.text('what'),
  field.time('at'),
])

const quiet = (ttl?: '1 minute') =>
  processor('quiet', ({ from }) =>
    from(storeSales)
      .keyBy('store')
      .process({
        name: 'quiet',
        reads: ['saleId', 'items'],
        ...(ttl ? { ttl } : {}),
        state: { initial: () => ({ seen: [] as string[], due: 0 }) },
        onEvent({ key, eventTime, setTimer, clearTimer }, { saleId, items }, state) {
          state.seen.push(saleId)
          clearTimer(state.due)
          state.due = eventTime + items * 1000
          setTimer(state.due)
          if (items === 13) throw new Error('unlucky')
          return { store: key.store, what: state.seen.join(' '), at: eventTime }
        },
        onTimer({ key, eventTime, setTimer }, state) {
          if (state.seen.length > 3) throw new Error('too many')
          if (state.seen.length === 2) setTimer(eventTime)
          return { store: key.store, what: `quiet after ${state.seen.join(' ')}`, at: eventTime }
        },
      })
      .to(notes),
  )

const shown = (bench: Bench) => bench.rows(notes).map(({ store, what, at }) => [at - NEW_YEAR, store, what])

test('timers fire in (time, key) order before the event that moves time there; a cleared one never does', async () => {
  const bench = await Bench.of(quiet())
  const events = [
    sale({ store: 'south', saleId: 'a', items: 5 }),
    sale({ store: 'north', saleId: 'b', items: 5 }),
    sale({ store: 'west', saleId: 'c', items: 4 }),
    sale({ store: 'west', saleId: 'd', items: 9, soldAt: NEW_YEAR + 1000 }),
    sale({ store: 'east', saleId: 'e', items: 1, soldAt: NEW_YEAR + 5000 }),
  ]
  for (const event of events) bench.write(storeSales, event)
  await bench.run()
  assert.deepEqual(shown(bench).slice(4), [
    [5000, 'north', 'quiet after b'],
    [5000, 'south', 'quiet after a'],
    [5000, 'east', 'e'],
  ])
  bench.advance({ time: NEW_YEAR + 6000, reason: 'idle' })
  await bench.run()
  assert.deepEqual(shown(bench).slice(7), [[6000, 'east', 'quiet after e']])
})

test('what throws changes neither state nor timers; a timer that throws three times is dead-lettered and gone', async () => {
  const bench = await Bench.of(quiet())
  bench.write(storeSales, sale({ saleId: 'a', items: 5 }))
  bench.write(storeSales, sale({ saleId: 'bad', items: 13, soldAt: NEW_YEAR + 1 }))
  bench.write(storeSales, sale({ saleId: 'b', items: 2, soldAt: NEW_YEAR + 2 }))
  await bench.run()
  assert.deepEqual(shown(bench).at(-1), [2, 'north', 'a b'])
  // The timer's function sets a timer for its own time: refused, or it would never end.
  bench.write(storeSales, sale({ saleId: 'c', items: 60, soldAt: NEW_YEAR + 3000, store: 'south' }))
  await bench.run()
  const dead = bench.of('dead-letter')
  assert.deepEqual(
    dead.map((record) => header(record, 'error')),
    ['unlucky', 'a timer may set the next one only for a later time'],
  )
  assert.match(dead[1]?.value?.toString() ?? '', /"key":"north"/)
  bench.advance({ time: NEW_YEAR + 50_000, reason: 'idle' })
  await bench.run()
  assert.equal(bench.of('dead-letter').length, 2)
})

test('state that nothing touched for its time to live is gone, counted from the last touch', async () => {
  const bench = await Bench.of(quiet('1 minute'))
  const at = (saleId: string, seconds: number, store = 'north') =>
    bench.write(storeSales, sale({ saleId, store, items: 600, soldAt: NEW_YEAR + seconds * 1000 }))
  at('a', 0)
  at('b', 59)
  at('other', 61, 'south')
  at('c', 118)
  at('other', 178, 'south')
  await bench.run()
  at('d', 179)
  await bench.run()
  const north = shown(bench).filter(([, store]) => store === 'north')
  assert.deepEqual(
    north.map(([, , what]) => what),
    ['a', 'a b', 'a b c', 'd'],
  )
  assert.equal(bench.task().stage.stateEntries, 2)
})

test('state by another key than the input’s is refused when it is built, with the reason', () => {
  assert.throws(
    () =>
      processor('wrong', ({ from }) =>
        from(sales)
          .keyBy('store')
          .process({
            name: 'wrong',
            reads: ['saleId'],
            state: { initial: () => 0 },
            onEvent: ({ key, eventTime }, { saleId }) => ({ store: key.store, what: saleId, at: eventTime }),
          })
          .to(notes),
      ),
    (thrown) => thrown instanceof KappaError && /'wrong' keeps state by store/.test(thrown.message),
  )
})
