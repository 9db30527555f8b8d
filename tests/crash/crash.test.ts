import assert from 'node:assert/strict'
import { test } from 'node:test'
import { engineSuite } from './engine-suite.ts'
import { difference, type Outcome } from './outcome.ts'
import { VirtualTime } from './simulated/virtual-time.ts'
import { lineOf } from './suite.ts'
import { build, topologies } from './topologies/index.ts'

// Twenty seeds of `npm run crash` on the broker in memory, of twenty topologies; `same-output.test.ts` has all of them.

const runs = await engineSuite.open('fake', {})

for (let seed = 1; seed < 40; seed += 2) {
  test(`seed ${seed}: the disturbed run ends as undisturbed ones do`, async ({ signal }) => {
    const result = await runs.run(seed, signal)
    assert.ok(result.ok, lineOf(result))
    assert.ok((result.results ?? 0) > 5, `only ${result.results} results were compared`)
  })
}

test('a seed reproduces its run to the last detail', async ({ signal }) => {
  const [first, second] = [await runs.run(26, signal), await runs.run(26, signal)]
  assert.deepEqual({ ...first, milliseconds: 0 }, { ...second, milliseconds: 0 })
})

test('outcomes differ where a value is missing, doubled, changed or in another order, and where a letter is', async () => {
  const [topology] = topologies
  assert.ok(topology)
  const built = await build(topology, 'differences')
  const totals = { beats: 1, total: 1n, least: 1, most: 1n, middle: null, firstId: 'a', lastId: 'a', numbers: [1] }
  const [one, two] = [1, 2].map((beats) =>
    built.plan.destination.frame(1, { ...totals, user: 'u', windowStart: 0, windowEnd: 60_000, beats }).toString('hex'),
  )
  const of = (values: (string | undefined)[], late: string[] = []): Outcome => ({
    results: new Map([['0/u', values.flatMap((value) => value ?? [])]]),
    late,
    dead: [],
    size: values.length,
  })
  const whole = of([one, two], ['x'])
  assert.equal(difference(built, whole, of([one, two], ['x'])), undefined)
  for (const other of [of([one], ['x']), of([one, two, two], ['x']), of([two, one], ['x']), of([one, two]), of([])])
    assert.match(difference(built, whole, other) ?? '', /instead of/)
})

test('virtual time: what can never end is told, and timers of this process are its own again afterwards', async () => {
  const real = globalThis.setTimeout
  const time = new VirtualTime(0)
  await assert.rejects(
    time.run(() => new Promise(() => {})),
    /nothing can happen/,
  )
  assert.equal(globalThis.setTimeout, real)
  const order: number[] = []
  await time.run(async () => {
    setTimeout(() => order.push(2), 3_000)
    setTimeout(() => order.push(1), 1_000)
    await time.sleep(5_000)
  })
  assert.deepEqual([order, time.now()], [[1, 2], 5_000])
})
