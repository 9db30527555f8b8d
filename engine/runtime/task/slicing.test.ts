import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KafkaRecord } from '#engine/broker'
import type { Stage } from '#engine/compile'
import { KappaError } from '#engine/errors'
import { defaultSettings } from '../settings.ts'
import { InputBuffer } from './input-buffer.ts'
import { RecordedCursor } from './recorded-cursor.ts'
import { Slicing } from './slicing.ts'
import type { Watch } from './watch.ts'

const record = (topic: string, offset: number): KafkaRecord => ({
  topic,
  partition: 0,
  offset,
  timestamp: 0,
  key: null,
  value: Buffer.from(`${topic} ${offset}`),
  headers: {},
})

/** Two inputs, and a stage that takes everything unless an input that may grow is empty; it prepares by what the test says. */
function twoInputs() {
  const inputs = ['left', 'right'].map((topic) => new InputBuffer({ topic, partition: 0 }, 0, null, 1))
  const seen: { mayGrow: readonly boolean[]; lengths: readonly number[] }[] = []
  const meanwhile = { run: async () => {} }
  const stage = {
    prepare: () => meanwhile.run(),
    cut: (buffers: readonly (readonly KafkaRecord[])[], mayGrow: readonly boolean[]) => {
      seen.push({ mayGrow, lengths: buffers.map(({ length }) => length) })
      const holds = buffers.some(({ length }, index) => length === 0 && mayGrow[index])
      return buffers.map(({ length }) => (holds ? 0 : length))
    },
  }
  const slicing = new Slicing({
    stage: stage as unknown as Stage,
    inputs,
    cursor: new RecordedCursor([], inputs, undefined),
    watch: { passed: () => false } as unknown as Watch,
    settings: defaultSettings,
  })
  const offer = (index: number) => {
    const input = inputs[index]
    input?.offer([record(input.topic, 0)])
    input?.fetchedTo(1)
    slicing.stir()
  }
  return { slicing, offer, meanwhile, seen }
}

test('what comes while the stage prepares is looked at next, and not forgotten', async () => {
  const { slicing, offer, meanwhile, seen } = twoInputs()
  offer(0)
  meanwhile.run = async () => {
    meanwhile.run = async () => {}
    offer(1)
  }
  assert.equal(await slicing.cut(), undefined, 'the left waits for the right')
  assert.deepEqual(seen[0], { mayGrow: [false, true], lengths: [1, 0] }, 'records and ends are of one moment')
  assert.deepEqual(slicing.waitingFor, ['right'])
  assert.deepEqual(await slicing.cut(), [1, 1])
  assert.equal(await slicing.cut(), undefined)
})

test('a preparation that failed is made again', async () => {
  const { slicing, offer, meanwhile } = twoInputs()
  offer(0)
  offer(1)
  meanwhile.run = async () => {
    meanwhile.run = async () => {}
    throw new KappaError('SERVICE_UNAVAILABLE', 'the vault is away', { retriable: true })
  }
  await assert.rejects(slicing.cut(), /vault/)
  assert.deepEqual(await slicing.cut(), [1, 1])
})
