import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readable } from './json.ts'
import { order, orderContract } from './order-fixture.ts'
import { parseContract } from './parse.ts'
import { contracts, recordsOf } from './random-fixture.ts'
import { topic } from './topic.ts'

test('values read as people write them, and nothing is rounded', () => {
  const field = (name: string, type: unknown) => ({ name, type, doc: name })
  const fixed = { type: 'fixed', name: 'Digest', size: 2 }
  const handle = topic<Record<string, unknown>>(
    orderContract({
      added: [
        field('exact', { type: 'long', logicalType: 'timestamp-nanos' }),
        field('wall', { type: 'long', logicalType: 'local-timestamp-micros' }),
        field('opens', { type: 'int', logicalType: 'time-millis' }),
        field('prices', { type: 'map', values: { type: 'bytes', logicalType: 'decimal', precision: 9, scale: 2 } }),
        field('either', ['long', fixed]),
      ],
    }),
  )
  const shown = readable(handle)({
    ...order,
    exact: -1n,
    wall: 1_735_689_600_123_456n,
    opens: 34_200_250,
    prices: { a: -5n },
    either: { 'trade.Digest': Buffer.from([1, 2]) },
  })
  const { exact, wall, opens, prices, either, total, due, placedAt, photo, note } = shown
  assert.deepEqual(
    [exact, wall, opens, prices, either, total, due, placedAt, photo, note],
    [
      '1969-12-31T23:59:59.999999999Z',
      '2025-01-01T00:00:00.123456',
      '09:30:00.250',
      { a: '-0.05' },
      { 'trade.Digest': 'AQI=' },
      '19.99',
      '2024-10-04',
      '2025-01-01T00:00:00.000Z',
      'AQI=',
      null,
    ],
  )
})

test('any value of any contract has a JSON text', () => {
  fc.assert(
    fc.property(
      contracts.chain((json) => fc.tuple(fc.constant(json), recordsOf(parseContract(json).fields))),
      ([json, value]) => {
        const text = JSON.stringify(readable(topic<unknown>(json))(value))
        assert.equal(typeof JSON.parse(text), 'object')
      },
    ),
    { numRuns: 100 },
  )
})
