import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { KappaError } from '#engine/errors'
import { collect, count, countWindow, type EmitMode, processor } from '#engine/topology'
import { Bench } from '../bench-fixture.ts'
import { field, made, NEW_YEAR } from '../trade-fixture.ts'
import { acts, roughly, visitsFrom } from './rough-fixture.ts'
import { pageVisits, visits } from './visit-fixture.ts'

interface Batch {
  readonly user: string
  readonly windowNumber: number
  readonly windowStart: number
  readonly windowEnd: number
  readonly visits: number
  readonly numbers: readonly number[]
}
const batches = made<Batch>('trade.batches.v1', { key: ['user', 'windowNumber'], time: 'windowStart' }, [
  field.text('user'),
  field.long('windowNumber'),
  field.time('windowStart'),
  field.time('windowEnd'),
  field.long('visits'),
  { name: 'numbers', type: { type: 'array', items: 'long' }, doc: 'Numbers.' },
])
const SIZE = 3
const inThrees = (emit: EmitMode, source = visits) =>
  processor('batches', ({ from }) =>
    from(source)
      .keyBy('user')
      .window(countWindow({ size: SIZE }))
      .aggregate({ visits: count(), numbers: collect('number') })
      .emit(emit)
      .to(batches),
  )

test('whatever the commits and crashes, each user has every third event a window, in the order taken', async () => {
  await fc.assert(
    fc.asyncProperty(visitsFrom(NEW_YEAR), acts, async (events, all) => {
      const closing = await Bench.of(inThrees('on-close'))
      const updating = await Bench.of(inThrees('on-update'))
      for (const bench of [closing, updating]) {
        for (const event of events) bench.write(visits, event)
        await roughly(bench, all)
      }
      const filled = new Map<string, (typeof events)[number][]>()
      const closed: Batch[] = []
      const updated: Batch[] = []
      for (const event of events) {
        const own = filled.get(event.user) ?? []
        filled.set(event.user, own)
        own.push(event)
        const windowNumber = Math.ceil(own.length / SIZE) - 1
        const inside = own.slice(windowNumber * SIZE)
        const times = inside.map(({ at }) => at)
        const row: Batch = {
          user: event.user,
          windowNumber,
          windowStart: Math.min(...times),
          windowEnd: Math.max(...times),
          visits: inside.length,
          numbers: inside.map(({ number }) => number),
        }
        updated.push(row)
        if (inside.length === SIZE) closed.push(row)
      }
      assert.deepEqual(closing.rows(batches), closed)
      assert.deepEqual(updating.rows(batches), updated)
      assert.deepEqual(closing.of('late'), [])
    }),
    { numRuns: 100 },
  )
})

test('a re-key, and a size that is none, are refused', () => {
  const refused = (because: RegExp, build: () => unknown) =>
    assert.throws(
      build,
      (thrown) => thrown instanceof KappaError && thrown.code === 'PLAN_INVALID' && because.test(thrown.message),
    )
  refused(/by user, which is not how its inputs are keyed/, () => inThrees('on-close', pageVisits))
  refused(/a window of 0 events/, () => countWindow({ size: 0 }))
})
