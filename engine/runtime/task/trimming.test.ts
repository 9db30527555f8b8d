import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Broker, Member } from '#engine/broker'
import { drive, fakeBroker, tallyRecord, testClock } from '#engine/testing'
import { names } from '../deployment.ts'
import { tally, tallyDeployment } from '../deployment-fixture.ts'
import { startWorker } from '../worker.ts'

const START = 1_700_000_040_000
const SOURCE = 'test.events.v1'
const deployment = tallyDeployment(tally({ rekey: true }))
const repartition = names.input(deployment, { topic: 'tally.merge', role: 'repartition', idleAfterMs: undefined })
const event = (i: number) => tallyRecord(SOURCE, { key: `k${i % 3}`, at: START + i * 1_000, count: 1 })

test('what is taken behind a re-key goes, but for the last record; a source is never touched', async () => {
  const clock = testClock()
  const broker = fakeBroker({ clock })
  const driven = await drive(deployment, { partitions: 1, clock, broker, settings: { repartitionRecords: 10 } })
  for (let round = 0; round < 8; round++) {
    for (let i = 0; i < 10; i++) driven.write(event(round * 10 + i))
    await driven.run()
  }
  const [beginning = 0] = await broker.admin.beginnings(repartition)
  const [end = 0] = await broker.admin.committedEnds(repartition)
  assert.ok(beginning > 0, 'nothing went')
  assert.ok(end - beginning < 30, `${beginning} to ${end} stays`)
  assert.deepEqual(await broker.admin.beginnings(SOURCE), [0])
  driven.crash()
  await driven.run()
  assert.equal(driven.crashes, 1)
  await driven.close()
})

test('a task whose records were truncated by a newer owner is taken over anew, and not stopped', async () => {
  const clock = testClock()
  const broker = fakeBroker({ clock })
  const settings = { commitIntervalMs: 5, lookIntervalMs: 5, repartitionRecords: 1 }
  const prepared = await drive(deployment, { partitions: 1, clock, broker, settings })
  let opened = () => {}
  const gate = new Promise<void>((resolve) => {
    opened = resolve
  })
  const member: Broker['member'] = async (options) => {
    const inner = await broker.member(options)
    const read: Member['read'] = async (max, waitMs) => {
      await gate
      return await inner.read(max, waitMs)
    }
    return new Proxy(inner, {
      get: (of, name) => {
        const known: unknown = name === 'read' ? read : Reflect.get(of, name)
        return typeof known === 'function' ? known.bind(of) : known
      },
    })
  }
  const worker = await startWorker({ broker: { ...broker, member }, deployments: [deployment], settings })
  const merge = async () => (await worker.status()).find(({ stage }) => stage === 'tally.merge')
  const until = async (what: string, so: () => Promise<boolean>) => {
    for (let i = 0; i < 400 && !(await so()); i++) await new Promise((resolve) => setTimeout(resolve, 10))
    assert.ok(await so(), `${what}: ${JSON.stringify(await merge())}`)
  }
  await until('taken over', async () => (await merge())?.state === 'running')
  // Another owner takes everything over, commits and truncates; the worker is told by nobody.
  for (let i = 0; i < 40; i++) prepared.write(event(i))
  await prepared.run()
  await prepared.close()
  opened()
  await until('taken over again', async () => {
    const task = await merge()
    return task?.state === 'running' && task.takeOvers > 1
  })
  await worker.stop()
})
