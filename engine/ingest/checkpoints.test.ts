import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KappaError } from '#engine/errors'
import { memoryRegistry } from '#engine/schema'
import { fakeBroker } from '#engine/testing'
import { type CheckpointOptions, checkpointed, readCheckpoints } from './checkpoints.ts'
import { numbered } from './import-fixture.ts'
import { row } from './row.ts'

const place = { file: 'numbers', line: 1 }
const numbers = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => row(numbered, { number: from + i, countedAt: from + i }, place))

async function open(change: Partial<CheckpointOptions> = {}) {
  const [broker, registry] = [fakeBroker(), memoryRegistry()]
  await registry.register(numbered)
  await broker.admin.ensure([{ name: numbered.name, partitions: 4, settings: {} }])
  const options: CheckpointOptions = { name: 'counter', app: 'test', broker, registry, topics: [numbered], ...change }
  return { broker, options }
}

/** Counts on to `end`, ten a transaction, from where the checkpoint stands. */
const counting = (options: CheckpointOptions, end: number) =>
  checkpointed(options, async ({ known, commit }) => {
    for (let next = Number(known.get('next') ?? 0); next < end; next += 10)
      await commit(numbers(next, 10), new Map([['next', next + 10]]))
    return known.get('next')
  })

test('work goes on from the checkpoint, in this run and in the next', async () => {
  const { broker, options } = await open()
  assert.equal(await counting(options, 30), 30)
  assert.equal(await counting(options, 50), 50)
  assert.equal(broker.committed(numbered.name).length, 50)
  assert.equal(broker.openClients(), 0)
})

test('commits that fail, or whose outcome is unknown, neither lose nor double', async () => {
  const { broker, options } = await open()
  broker.failNextCommits(['aborted', 'unknown', 'unreachable'])
  assert.equal(await counting(options, 100), 100)
  const found = broker.committed(numbered.name).length
  assert.equal(found, 100)
})

test('an event and a dead letter say where they came from, and a checkpoint may say what became of them', async () => {
  const { broker, options } = await open()
  const from = (line: number) => ({ ...place, line, origin: `counter|a|${line}|0`, bytes: [line * 10, 9] as const })
  const rows = [
    row(numbered, { number: 1, countedAt: 1 }, from(1)),
    row(numbered, { number: -1, countedAt: 1 }, from(2)),
  ]
  await checkpointed(options, ({ commit }) =>
    commit(rows, (tallies) => new Map([['a', tallies.get(numbered.name)?.deadLettered]])),
  )
  assert.deepEqual([...(await readCheckpoints(broker, 'counter'))], [['a', 1]])
  const said = (topic: string, header: string) => String(broker.committed(topic)[0]?.headers?.[header])
  assert.equal(said(numbered.name, 'kappa.origin'), 'counter|a|1|0')
  assert.equal(said(`${numbered.name}.dead-letter`, 'kappa.origin'), 'counter|a|2|0')
  assert.equal(said(`${numbered.name}.dead-letter`, 'kappa.bytes'), '20+9')
})

test('sources do not see one another, and null forgets', async () => {
  const { broker, options } = await open()
  await checkpointed(options, ({ commit }) =>
    commit(
      [],
      new Map<string, unknown>([
        ['a', { seen: 1 }],
        ['b|c', 2],
      ]),
    ),
  )
  await checkpointed({ ...options, name: 'count' }, ({ known, commit }) => {
    assert.equal(known.size, 0)
    return commit([], new Map([['a', 9]]))
  })
  await checkpointed(options, ({ commit }) => commit([], new Map([['a', null]])))
  assert.deepEqual([...(await readCheckpoints(broker, 'counter'))], [['b|c', 2]])
  assert.deepEqual([...(await readCheckpoints(broker, 'count'))], [['a', 9]])
})

test('a second owner fences the first, which does not come back', async () => {
  const { options } = await open()
  await assert.rejects(
    checkpointed(options, async ({ commit }) => {
      await counting(options, 10)
      await commit(numbers(0, 10), new Map([['next', 10]]))
    }),
    (thrown) => thrown instanceof KappaError && thrown.code === 'FENCED',
  )
})

test('what is not retriable ends the work; a topic that is not there is said', async () => {
  const { options } = await open()
  let calls = 0
  await assert.rejects(
    checkpointed(options, async () => {
      calls++
      throw new KappaError('CONFIG_INVALID', 'trying')
    }),
  )
  assert.equal(calls, 1)
  const without = fakeBroker()
  await assert.rejects(
    checkpointed({ ...options, broker: without }, async () => {}),
    /test\.numbers\.v1: not in Kafka yet/,
  )
})
