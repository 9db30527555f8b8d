import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Broker } from '#engine/broker'
import { KappaError } from '#engine/errors'
import { fakeBroker, testClock } from '#engine/testing'
import { tally, tallyDeployment } from './deployment-fixture.ts'
import { patiently } from './patience.ts'
import { startWorker } from './worker.ts'

const away = () => new KappaError('SERVICE_UNAVAILABLE', 'connecting to Kafka at nowhere:1', { retriable: true })

/** A broker every call of which fails `times` times before it is made. */
function failing<T extends object>(real: T, times: number, left = new Map<string | symbol, number>()): T {
  return new Proxy(real, {
    get(target, name, receiver) {
      const value: unknown = Reflect.get(target, name, receiver)
      if (name === 'admin') return failing(value as object, times, left)
      if (typeof value !== 'function' || name === 'close') return value
      return (...args: unknown[]) => {
        const failures = left.get(name) ?? times
        left.set(name, failures - 1)
        return failures > 0 ? Promise.reject(away()) : Reflect.apply(value, target, args)
      }
    },
  })
}

const asked = (broker: Broker, change: object = {}) => ({
  ...{ broker, deployments: [tallyDeployment(tally({ rekey: true }))] },
  settings: { standbys: 1, ...change },
})

async function brokerWithTopics() {
  const broker = fakeBroker()
  const topics = ['test.events.v1', 'test.tallies.v1']
  await broker.admin.ensure(topics.map((name) => ({ name, partitions: 2, settings: {} })))
  return broker
}

test('a worker that starts while Kafka restarts says that it waits, and starts', async () => {
  const broker = await brokerWithTopics()
  const told: string[] = []
  const worker = await startWorker({ ...asked(failing(broker, 2)), onWarning: (text) => told.push(text) })
  for (let tries = 0; tries < 200 && (await worker.status()).filter(isRunning).length < 4; tries++)
    await new Promise((resolve) => setTimeout(resolve, 10))
  assert.equal((await worker.status()).filter(isRunning).length, 4)
  assert.equal(told[0], 'waiting for Kafka: connecting to Kafka at nowhere:1')
  await worker.stop()
  assert.equal(broker.openClients(), 0)
})
const isRunning = ({ state }: { readonly state: string }) => state === 'running'

test('it gives up after as long as the settings say, or when it is told to; what it had opened is closed', async () => {
  const broker = await brokerWithTopics()
  await assert.rejects(
    startWorker(asked(failing(broker, 1_000), { brokerPatienceMs: 150 })),
    (thrown) =>
      thrown instanceof KappaError &&
      thrown.code === 'SERVICE_UNAVAILABLE' &&
      thrown.retriable &&
      /^waiting for Kafka, 0 s in vain: connecting to Kafka at nowhere:1$/.test(thrown.message),
  )
  const stop = new AbortController()
  const onWarning = () => stop.abort()
  await assert.rejects(
    startWorker({ ...asked(failing(broker, 1_000)), onWarning, signal: stop.signal }),
    (thrown) => thrown instanceof KappaError && thrown.code === 'INTERRUPTED',
  )
  // Only the members cannot be opened: what was opened before them is closed.
  const noMembers: Broker = { ...broker, member: () => Promise.reject(away()) }
  await assert.rejects(startWorker(asked(noMembers, { brokerPatienceMs: 20 })))
  assert.equal(broker.openClients(), 0)
})

test('it is told every ten seconds, and what trying again cannot help is thrown at once', async () => {
  const clock = testClock()
  const told: string[] = []
  let asks = 0
  const call = () => (++asks > 500 ? Promise.resolve('there') : Promise.reject(away()))
  const waiting = patiently(call, { clock, patienceMs: 60_000, onWaiting: (text) => told.push(text) })
  const over = waiting.catch((thrown: unknown) => thrown)
  for (let ms = 0; ms < 70_000; ms += 100) {
    await new Promise(setImmediate)
    clock.advance(100)
  }
  assert.match(String(await over), /waiting for Kafka, 60 s in vain/)
  assert.equal(told.length, 6)
  const refused = new KappaError('CONFIG_INVALID', 'running tally: no topics')
  await assert.rejects(
    patiently(() => Promise.reject(refused), { clock, patienceMs: 60_000 }),
    (thrown) => thrown === refused,
  )
})
