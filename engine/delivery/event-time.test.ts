import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { KafkaRecord } from '#engine/broker'
import { memoryRegistry, parseContract, topic } from '#engine/schema'
import { contracts, recordsOf } from '../schema/random-fixture.ts'
import { EventTimes } from './event-time.ts'

const recordOf = (value: Buffer | null): KafkaRecord => ({
  topic: 'test.random.v1',
  partition: 0,
  offset: 0,
  timestamp: 0,
  key: null,
  value,
  headers: undefined,
})

test('event times are those of the projected decoder, of whole and of damaged values', async () => {
  const damage = fc.record({ at: fc.nat(), to: fc.integer({ min: 0, max: 255 }), cut: fc.option(fc.nat()) })
  await fc.assert(
    fc.asyncProperty(
      contracts.chain((json) =>
        fc.tuple(fc.constant(json), fc.array(recordsOf(parseContract(json).fields), { minLength: 1, maxLength: 4 })),
      ),
      fc.array(damage, { maxLength: 4 }),
      async ([json, values], damages) => {
        const registry = memoryRegistry()
        const handle = topic<Record<string, unknown>>(json)
        const id = await registry.register(handle)
        const records = values.flatMap((value) => {
          const whole = Buffer.from(handle.frame(id, value))
          const damaged = damages.map(({ at, to, cut }) => {
            const bytes = Buffer.from(whole)
            bytes[5 + (at % (bytes.length - 5))] = to
            return cut === null ? bytes : bytes.subarray(0, cut % bytes.length)
          })
          return [whole, ...damaged].map(recordOf)
        })
        records.push(recordOf(null), recordOf(Buffer.from('plain')))
        const times = new EventTimes(handle, registry)
        await times.learn(records)
        const decoder = registry.decoder(handle, ['at'])
        await decoder.learn(id)
        const wanted = records.map(({ value }) => {
          try {
            const time = value === null ? undefined : decoder.decode(value).at
            return typeof time === 'number' ? time : null
          } catch {
            return null
          }
        })
        assert.deepEqual(
          records.map((record) => times.of(record)),
          wanted,
        )
      },
    ),
    { numRuns: 500 },
  )
})
