import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeBroker } from '#engine/testing'
import { expectCovered } from './covered.ts'
import type { ReplayRequest } from './generations.ts'
import type { PartitionFacts } from './plan.ts'

const SOURCE = 'test.events.v1'
const at = (day: number): number => Date.UTC(2026, 0, day)

async function world(written: number) {
  const broker = fakeBroker()
  await broker.admin.ensure([{ name: SOURCE, partitions: 1, settings: {} }])
  for (let n = 0; n < written; n++) broker.write({ topic: SOURCE, partition: 0, key: null, value: Buffer.from('x') })
  const range = {
    partition: 0,
    first: 0,
    last: 9,
    count: 10,
    minEventTime: at(1),
    maxEventTime: at(3),
    object: 'o',
    bytes: 1,
  }
  const facts: PartitionFacts = {
    topic: SOURCE,
    partition: 0,
    beginning: 0,
    committedEnd: written,
    archived: [range],
    whole: false,
  }
  const ask = (from: number, to: number) => {
    const request: ReplayRequest = {
      processor: 'sums',
      topic: 't',
      from: at(from),
      to: at(to),
      source: 'auto',
      version: '',
    }
    return expectCovered(broker, request, [facts])
  }
  return { broker, ask }
}

test('a range that nothing covers is refused, telling what there is', async () => {
  const { broker, ask } = await world(10)
  await ask(2, 3)
  await ask(3, 9)
  await assert.rejects(ask(5, 9), {
    code: 'CONFIG_INVALID',
    message: /no event of test.events.v1 lies there; they reach from 2026-01-01.*to 2026-01-03/,
  })
  await assert.rejects(ask(-3, 1), { code: 'CONFIG_INVALID' })
  assert.equal(broker.openClients(), 0)
})

test('what no archive describes may hold anything', async () => {
  const { ask } = await world(11)
  await ask(5, 9)
})
