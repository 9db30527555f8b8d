import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Assignment, Broker, Member } from '#engine/broker'
import { fakeBroker } from '#engine/testing'
import { tally, tallyDeployment } from './deployment-fixture.ts'
import { startWorker } from './worker.ts'

const SOURCE = 'test.events.v1'
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

type Handler = Parameters<Member['onAssigned']>[0]

/** A broker whose group does what the test says, and whose producers take a while to close. */
async function scripted(closingMs: number) {
  const broker = fakeBroker()
  await broker.admin.ensure([SOURCE, 'test.tallies.v1'].map((name) => ({ name, partitions: 2, settings: {} })))
  let assignment: Assignment = { generation: 0, partitions: [] }
  let [revoked, assigned]: Handler[] = []
  const reader = await broker.reader()
  const member: Member = Object.assign(reader, {
    assignment: () => assignment,
    report: async () => {},
    onRevoked: (handler: Handler) => {
      revoked = handler
    },
    onAssigned: (handler: Handler) => {
      assigned = handler
    },
  })
  const slow: Broker = {
    ...broker,
    member: async () => member,
    transactional: async (id, options) => {
      const producer = await broker.transactional(id, options)
      const close = producer.close.bind(producer)
      producer.close = () => pause(closingMs).then(close)
      return producer
    },
  }
  const give = async (...numbers: number[]): Promise<void> => {
    await revoked?.(assignment.partitions)
    const partitions = numbers.map((partition) => ({ topic: SOURCE, partition }))
    assignment = { generation: assignment.generation + 1, partitions }
    void assigned?.(partitions)
  }
  return { broker: slow, give }
}

test('a partition that comes back while its task is still being given up runs again', async () => {
  const { broker, give } = await scripted(60)
  const worker = await startWorker({ broker, deployments: [tallyDeployment(tally())] })
  const running = async () =>
    (await worker.status()).filter(({ state }) => state === 'running').map(({ partition }) => partition)
  await give(0, 1)
  await pause(50)
  assert.deepEqual(await running(), [0, 1])
  await give(0)
  await give(0, 1)
  await pause(300)
  assert.deepEqual(await running(), [0, 1])
  await give(1)
  await give(0)
  await give(0, 1)
  await give(1)
  await pause(300)
  assert.deepEqual(await running(), [1])
  await worker.stop()
})
