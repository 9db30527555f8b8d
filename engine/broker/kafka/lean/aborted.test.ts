import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { AbortedFilter } from './aborted.ts'
import { batchesOf } from './batch.ts'
import { encodeBatch, encodeMarker } from './encode-fixture.ts'
import type { AbortedTransaction } from './fetch.ts'

type Step = { readonly producer: number; readonly does: 'write' | 'abort' | 'commit' | 'write outside'; size: number }

/** A log of several producers' overlapping transactions, and by a model what of it is committed. */
function written(steps: readonly Step[]) {
  const parts: { bytes: Buffer; last: number; producer: number; transaction: { aborted: boolean } | undefined }[] = []
  const open = new Map<number, { aborted: boolean; first: number }>()
  const aborted: (AbortedTransaction & { last: number })[] = []
  let offset = 0
  const end = (producer: number, how: 'abort' | 'commit') => {
    const transaction = open.get(producer)
    if (!transaction) return
    transaction.aborted = how === 'abort'
    if (transaction.aborted) aborted.push({ producerId: producer, firstOffset: transaction.first, last: offset })
    open.delete(producer)
    parts.push({ bytes: encodeMarker(offset, producer, how), last: offset, producer, transaction: { aborted: true } })
    offset++
  }
  for (const { producer, does, size } of steps) {
    if (does === 'abort' || does === 'commit') {
      end(producer, does)
      continue
    }
    const inside = does === 'write'
    if (inside && !open.has(producer)) open.set(producer, { aborted: false, first: offset })
    const records = Array.from({ length: size }, (_, i) => ({
      offset: offset + i,
      timestamp: 0,
      // A key of a marker's bytes does not make a marker.
      key: Buffer.from([0, 0, 0, 0]),
      value: null,
    }))
    const bytes = encodeBatch({ records, producerId: producer, transactional: inside })
    offset += size
    parts.push({ bytes, last: offset - 1, producer, transaction: inside ? open.get(producer) : undefined })
  }
  // A read-committed fetch ends before the first transaction that is open.
  const stable = Math.min(offset, ...[...open.values()].map(({ first }) => first))
  return { parts: parts.filter(({ last }) => last < stable), aborted }
}

const steps = fc.array(
  fc.record({
    producer: fc.integer({ min: 1, max: 9 }),
    does: fc.constantFrom('write', 'write', 'write', 'abort', 'commit', 'write outside' as const),
    size: fc.integer({ min: 1, max: 3 }),
  }) as fc.Arbitrary<Step>,
  { maxLength: 60, size: 'max' },
)

test('batches of aborted transactions are passed, from every offset and in whatever order they are named', () => {
  fc.assert(
    fc.property(steps, fc.infiniteStream(fc.nat()), (drawn, random) => {
      const { parts, aborted } = written(drawn)
      for (let first = 0; first < parts.length; first++) {
        const fetched = parts.slice(first)
        const start = (parts[first - 1]?.last ?? -1) + 1
        const named = aborted
          .filter(({ last }) => last >= start)
          .map((one) => ({ one, at: random.next().value }))
          .sort((a, b) => a.at - b.at)
          .map(({ one }) => one)
        const filter = new AbortedFilter(named)
        const { batches } = batchesOf(Buffer.concat(fetched.map(({ bytes }) => bytes)))
        assert.deepEqual(
          batches.map((batch) => filter.admits(batch)),
          fetched.map(({ transaction }) => !transaction?.aborted),
        )
      }
    }),
    { numRuns: 100 },
  )
})
