import assert from 'node:assert/strict'
import { test } from 'node:test'
import { topic } from '#engine/schema'
import { differences, spread } from './values.ts'

const field = (name: string, type: unknown) => ({ name, type, doc: name })
const things = topic<Record<string, unknown>>({
  type: 'record',
  name: 'Thing',
  namespace: 'test',
  doc: 'A thing.',
  topic: {
    name: 'test.things.v1',
    kind: 'facts',
    key: 'id',
    time: 'at',
    id: 'id',
    partitions: 1,
    retention: 'forever',
    owner: 'tests',
  },
  fields: [
    field('id', 'string'),
    field('prices', { type: 'map', values: 'double' }),
    field('raw', 'bytes'),
    field('at', { type: 'long', logicalType: 'timestamp-millis' }),
  ],
})

test('fields are compared exactly, maps in any order', () => {
  const event = { id: 'a', prices: { x: 0, y: Number.NaN }, raw: Buffer.from([1]), at: 5 }
  assert.deepEqual(differences(things, event, { ...event, prices: { y: Number.NaN, x: 0 }, raw: Buffer.from([1]) }), [])
  assert.deepEqual(differences(things, event, { ...event, prices: { x: -0, y: Number.NaN } }), ['prices'])
  assert.deepEqual(differences(things, event, { ...event, raw: Buffer.from([2]), at: 6 }), ['raw', 'at'])
  assert.deepEqual(differences(things, event, { ...event, id: undefined }), ['id'])
})

test('a sample is spread over all, and has the last one', () => {
  const all = Array.from({ length: 100 }, (_, i) => i)
  assert.deepEqual(spread(all, 100), all)
  assert.deepEqual(spread(all, 4), [24, 49, 74, 99])
  assert.deepEqual(spread(all, 1), [99])
  assert.equal(spread(all, 33).length, 33)
})
