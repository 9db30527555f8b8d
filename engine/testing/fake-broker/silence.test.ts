import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KappaError } from '#engine/errors'
import { type CommitFault, fakeBroker } from './broker.ts'

const TOPIC = 'test.events.v1'
const isCode = (code: string) => (thrown: unknown) => thrown instanceof KappaError && thrown.code === code
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

async function withTopic(options: Parameters<typeof fakeBroker>[0] = {}) {
  const broker = fakeBroker(options)
  await broker.admin.ensure([{ name: TOPIC, partitions: 2, settings: {} }])
  const producer = await broker.transactional('owner', { timeoutMs: 20 })
  await producer.begin()
  producer.send({ topic: TOPIC, partition: 0, key: null, value: Buffer.from('one') })
  return { broker, producer }
}

test('the group goes on without a member that is silent for its session, and takes its word no more until it joins anew', async () => {
  const broker = fakeBroker()
  await broker.admin.ensure([{ name: TOPIC, partitions: 2, settings: {} }])
  const join = () => broker.member({ group: 'g', topics: [TOPIC], sessionTimeoutMs: 30 })
  const [silent, other] = [await join(), await join()]
  // It never answers: as a process that was stopped.
  let answers = () => {}
  silent.onRevoked(
    () =>
      new Promise((resolve) => {
        answers = resolve
      }),
  )
  await pause(5)
  assert.equal(other.assignment().partitions.length, 0, 'the group waits for it')
  silent.fallSilent()
  await pause(60)
  assert.equal(other.assignment().partitions.length, 2)
  const [held] = silent.assignment().partitions
  assert.ok(held, 'it still believes that it holds one')
  await assert.rejects(silent.report([{ ...held, offset: 1 }]), isCode('FENCED'))
  silent.speak()
  await pause(5)
  assert.equal(other.assignment().partitions.length, 2, 'it has not let go yet')
  answers()
  await pause(5)
  assert.deepEqual(
    [silent, other].map((member) => member.assignment().partitions.length),
    [1, 1],
  )
  await Promise.all([silent.close(), other.close()])
})

test('a member that fell silent again before it joined anew joins once, and not while it is silent', async () => {
  const broker = fakeBroker()
  await broker.admin.ensure([{ name: TOPIC, partitions: 2, settings: {} }])
  const join = () => broker.member({ group: 'g', topics: [TOPIC], sessionTimeoutMs: 30 })
  const [silent, other] = [await join(), await join()]
  await pause(5)
  const answers: (() => void)[] = []
  silent.onRevoked(() => new Promise((resolve) => answers.push(resolve)))
  silent.fallSilent()
  await pause(60)
  silent.speak()
  silent.fallSilent()
  for (const answer of answers.splice(0)) answer()
  await pause(60)
  assert.equal(other.assignment().partitions.length, 2, 'it is silent')
  silent.speak()
  silent.fallSilent()
  silent.speak()
  for (const answer of answers.splice(0)) answer()
  await pause(5)
  await silent.close()
  await pause(5)
  assert.equal(other.assignment().partitions.length, 2, 'nothing of it is left')
  await other.close()
})

test('a transaction whose time is up is aborted, and its owner fenced', async () => {
  const { broker, producer } = await withTopic({ transactionTimeouts: true })
  await pause(40)
  await assert.rejects(producer.commit(), isCode('FENCED'))
  assert.deepEqual([broker.committed(TOPIC).length, broker.expireTransactions()], [0, 0])
})

const ends: readonly [CommitFault, number, number][] = [
  ['aborted', 0, 0],
  ['unknown', 1, 1],
  ['unreachable', 0, 0],
]
for (const [fault, atOnce, afterwards] of ends) {
  test(`a commit that ends '${fault}' leaves ${atOnce} records, and ${afterwards} when the next owner came`, async () => {
    const { broker, producer } = await withTopic()
    broker.failNextCommits([fault])
    await assert.rejects(producer.commit(), isCode('ABORTED'))
    assert.equal(broker.committed(TOPIC).length, atOnce)
    await broker.transactional('owner')
    assert.equal(broker.committed(TOPIC).length, afterwards)
    assert.deepEqual(await broker.admin.committedEnds(TOPIC), [2, 0])
  })
}

test('an end of a transaction that arrives after the next owner came changes nothing', async () => {
  const { broker, producer } = await withTopic()
  broker.failNextCommits(['straggling'])
  await assert.rejects(producer.commit(), isCode('ABORTED'))
  const next = await broker.transactional('owner')
  await next.begin()
  next.send({ topic: TOPIC, partition: 0, key: null, value: Buffer.from('two') })
  await pause(1_100)
  assert.equal(broker.committed(TOPIC).length, 0)
  await next.commit()
  assert.deepEqual(
    broker.committed(TOPIC).map(({ value }) => String(value)),
    ['two'],
  )
})
