import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DDSketch } from './ddsketch.ts'
import { Frequent } from './frequent.ts'
import { HyperLogLog } from './hyperloglog.ts'
import { murmur3 } from './murmur3.ts'

/** Deterministic numbers in [0, 1): Mulberry32. */
function drawing(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

test('murmur3 gives the published values', () => {
  const of = (text: string, seed: number) => murmur3(Buffer.from(text, 'latin1'), text.length, seed)
  assert.deepEqual(
    [of('', 0), of('', 1), of('', 0xffffffff), of('\xff\xff\xff\xff', 0), of('!Ce\x87', 0), of('!Ce\x87', 0x5082edee)],
    [0, 0x514e28b7, 0x81f16f39, 0x76293b50, 0xf55b516b, 0x2362f9de],
  )
  assert.deepEqual([of('!Ce', 0), of('!C', 0), of('!', 0)], [0x7e4a8634, 0xa0f7b07a, 0x72661cf4])
  assert.equal(of('Hello, world!', 0x9747b28c), 0x24884cba)
})

test('HyperLogLog: the relative error is within three standard errors, small numbers are nearly exact', () => {
  for (const precision of [8, 12, 14]) {
    const bound = 3 * (1.04 / Math.sqrt(2 ** precision))
    for (const size of [1, 10, 100, 1000, 10_000, 200_000]) {
      const sketch = new HyperLogLog(precision)
      for (let n = 0; n < size; n++) {
        const bytes = Buffer.from(`${precision}/${size}/${n}`)
        // Twice: repetition does not show.
        for (let twice = 0; twice < (size < 20_000 ? 2 : 1); twice++)
          sketch.add(murmur3(bytes, bytes.length, 1), murmur3(bytes, bytes.length, 2))
      }
      const error = Math.abs(sketch.estimate() - size) / size
      assert.ok(error <= bound, `precision ${precision}, ${size} values: off by ${error}, at most ${bound}`)
    }
  }
  assert.equal(new HyperLogLog(12).estimate(), 0)
})

test('HyperLogLog: few values are few bytes, equal sketches are equal bytes', () => {
  const sketchOf = (numbers: readonly number[]) => {
    const sketch = new HyperLogLog(12)
    for (const n of numbers) sketch.add(Math.imul(n, 0x9e3779b1) >>> 0, Math.imul(n, 0x85ebca6b) >>> 0)
    return sketch.toState() as Buffer
  }
  assert.ok(sketchOf([1, 2, 3]).length <= 10)
  const numbers = Array.from({ length: 2000 }, (_none, n) => n + 1)
  for (const size of [200, 2000]) {
    const some = numbers.slice(0, size)
    assert.deepEqual(sketchOf(some), sketchOf([...some].reverse()))
  }
})

const exactQuantile = (values: readonly number[], at: number): number =>
  [...values].sort((a, b) => a - b)[Math.floor(at * (values.length - 1))] as number

test('DDSketch: every quantile is within the accuracy of the value itself, negative ones and tiny ones too', () => {
  const value = fc.oneof(
    fc.double({ min: -1e9, max: 1e9, noNaN: true }),
    fc.double({ min: 1e-12, max: 1, noNaN: true }),
    fc.constantFrom(0, -0, 1, -1, Number.MIN_VALUE, Number.MAX_VALUE, -Number.MAX_VALUE),
  )
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 1, maxLength: 200 }),
      fc.constantFrom(0.001, 0.01, 0.1),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (values, accuracy, at) => {
        const sketch = new DDSketch(accuracy)
        for (const one of values) sketch.add(one)
        const exact = exactQuantile(values, at)
        const found = sketch.quantiles([at])[0] as number
        const allowed = Math.abs(exact) * accuracy * (1 + 1e-9) + Number.MIN_VALUE * 2
        assert.ok(Math.abs(found - exact) <= Math.max(allowed, 2 ** -1022), `${found} for ${exact}`)
      },
    ),
  )
})

test('DDSketch: when bins run out all are halved, in the same way whatever the order and the split', () => {
  const draw = drawing(7)
  const values = Array.from({ length: 30_000 }, () => Math.exp((draw() - 0.5) * 1200) * (draw() < 0.5 ? -1 : 1))
  const whole = new DDSketch(0.001)
  for (const one of values) whole.add(one)
  const reversed = new DDSketch(0.001)
  for (const one of [...values].reverse()) reversed.add(one)
  const merged = new DDSketch(0.001)
  for (let from = 0; from < values.length; from += 2345) {
    const part = new DDSketch(0.001)
    for (const one of values.slice(from, from + 2345)) part.add(one)
    merged.merge(DDSketch.read(0.001, part.toState() as Buffer))
  }
  assert.deepEqual(reversed.toState(), whole.toState())
  assert.deepEqual(merged.toState(), whole.toState())
  assert.equal(whole.count, values.length)
  for (const at of [0, 0.25, 0.75, 1]) {
    const exact = exactQuantile(values, at)
    assert.ok(Math.abs((whole.quantiles([at])[0] as number) / exact - 1) < 0.26)
  }
  assert.ok((whole.toState() as Buffer).length < 40_000)
})

test('a bounded summary of counts is never too high, and too low by at most n / (capacity + 1), merged or not', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 300 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 100 }),
      (values, capacity, size) => {
        const exact = new Map<number, number>()
        for (const value of values) exact.set(value, (exact.get(value) ?? 0) + 1)
        const whole = new Frequent(capacity)
        for (const value of values) whole.add(value)
        const merged = new Frequent(capacity)
        for (let from = 0; from < values.length; from += size) {
          const part = new Frequent(capacity)
          for (const value of values.slice(from, from + size)) part.add(value)
          merged.merge(Frequent.read(capacity, part.toState() as unknown[]))
        }
        for (const summary of [whole, merged]) {
          assert.ok(summary.counts.size <= capacity)
          for (const [value, count] of exact) {
            const found = summary.counts.get(value) ?? 0
            assert.ok(found <= count && found >= count - values.length / (capacity + 1))
          }
        }
      },
    ),
  )
})
