import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Watermarks } from './watermarks.ts'

test('with all sources active, what is reached is the least of them', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(2), fc.integer({ min: 0, max: 50 }))), (moves) => {
      const merged = new Watermarks(3)
      const times = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]
      for (const [source, time] of moves) {
        merged.advance(source, time)
        times[source] = Math.max(times[source] ?? 0, time)
        assert.equal(merged.reached, Math.min(...times))
      }
      const restored = new Watermarks(3)
      restored.restore(merged.times)
      assert.equal(restored.reached, merged.reached)
    }),
  )
})

test('idle sources hold nobody up, and time never goes back', () => {
  const move = fc.tuple(fc.nat(2), fc.constantFrom('idle', 'active', 'time'), fc.integer({ min: 0, max: 50 }))
  fc.assert(
    fc.property(fc.array(move), (moves) => {
      const merged = new Watermarks(3)
      const idle = new Set<number>()
      for (const [source, what, time] of moves) {
        const before = merged.reached
        if (what === 'time') merged.advance(source, time)
        else if (what === 'idle') merged.idle(source)
        else merged.active(source)
        if (what === 'idle') idle.add(source)
        if (what === 'active') idle.delete(source)
        assert.ok(merged.reached >= before)
        // Nobody who is active and ahead of what was reached waits for an idle one.
        const active = merged.times.filter((_time, n) => !idle.has(n))
        if (active.length > 0 && Math.min(...active) > before && what !== 'active')
          assert.equal(merged.reached, Math.min(...active))
      }
    }),
  )
})
