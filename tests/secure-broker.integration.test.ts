import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Broker, kafkaBroker, type Sasl } from '#engine/broker'
import { KappaError } from '#engine/errors'
import { startWorker } from '#engine/runtime'
import { LeanReader } from '../engine/broker/kafka/lean/reader.ts'
import type { LeanSettings } from '../engine/broker/kafka/lean/settings.ts'
import { killedDeployment, RESULT, SOURCE } from './exactly-once/deployment-fixture.ts'
import { type SecureKafka, secureKafka, user } from './secure-kafka-fixture.ts'

// Every client at a real broker's locked door; the lean reader, and a worker that starts, over a broker that dies.

const at = { topic: 'secured', partition: 0 }
let kafka: SecureKafka
let broker: Broker

async function patiently<T>(call: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++)
    try {
      return await call()
    } catch (thrown) {
      if (tries === 60) throw thrown
      await new Promise((resolve) => setTimeout(resolve, 250))
    }
}

async function write(from: number, to: number): Promise<void> {
  const producer = await broker.producer()
  for (let i = from; i < to; i++) await producer.send({ ...at, key: null, value: Buffer.from(String(i)) })
  await producer.flush()
  await producer.close()
}

async function readTo(reader: LeanReader, end: number): Promise<string[]> {
  const values: string[] = []
  for (let tries = 0; (reader.position(at) ?? 0) < end; tries++) {
    assert.ok(tries < 200, `stands at ${reader.position(at)}`)
    values.push(...(await reader.read(100, 100)).map(({ value }) => String(value)))
  }
  return values
}
const numbers = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, i) => String(from + i))

before(async () => {
  kafka = await secureKafka()
  broker = kafkaBroker({ brokers: [kafka.open] })
  const topics = [at.topic, SOURCE, RESULT].map((name) => ({ name, partitions: 1, settings: {} }))
  await patiently(() => broker.admin.ensure(topics))
  await write(0, 300)
})

after(async () => {
  // Where `before` failed there may be neither.
  await broker?.close()
  await kafka?.remove()
})

const settings = (sasl: Partial<Sasl>): LeanSettings => ({
  brokers: [kafka.secured],
  clientId: 'test',
  tls: { ca: kafka.certificate },
  sasl: { mechanism: 'PLAIN', ...user, ...sasl },
})

for (const mechanism of ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const)
  test(`reads over TLS after logging in by ${mechanism}, and is told where the password is wrong`, async () => {
    const reader = await LeanReader.open(settings({ mechanism }))
    await reader.assign([{ ...at, offset: 0 }])
    assert.deepEqual(await readTo(reader, 300), numbers(0, 300))
    await reader.close()
    await assert.rejects(
      LeanReader.open(settings({ mechanism, password: 'guessed' })),
      (thrown) =>
        thrown instanceof KappaError && thrown.code === 'BROKER' && /logging in .* as alice/.test(thrown.message),
    )
  })

for (const fetching of ['lean', 'librdkafka'] as const)
  test(`every client of a broker over TLS, logged in, fetching by ${fetching}`, async () => {
    const { brokers, tls, sasl } = settings({ mechanism: fetching === 'lean' ? 'SCRAM-SHA-512' : 'PLAIN' })
    const locked = kafkaBroker({ brokers, fetching, ...(tls ? { tls } : {}), ...(sasl ? { sasl } : {}) })
    try {
      const topic = `locked-${fetching}`
      await locked.admin.ensure([{ name: topic, partitions: 1, settings: { 'retention.ms': '-1' } }])
      const owner = await locked.transactional(`${topic}-owner`)
      await owner.begin()
      await owner.send({ topic, key: Buffer.from('k'), value: Buffer.from('owned') })
      await owner.commit()
      const producer = await locked.producer()
      await producer.send({ topic, key: Buffer.from('k'), value: Buffer.from('plain') })
      await producer.flush()
      const [end = 0] = await locked.admin.settledEnds(topic)
      const member = await locked.member({ group: `${topic}-group`, topics: [topic] })
      await patiently(async () => assert.equal(member.assignment().partitions.length, 1))
      await member.assign([{ topic, partition: 0, offset: 0 }])
      const values: string[] = []
      while ((member.position({ topic, partition: 0 }) ?? 0) < end)
        values.push(...(await member.read(10, 100)).map(({ value }) => String(value)))
      assert.deepEqual(values, ['owned', 'plain'])
      await member.report([{ topic, partition: 0, offset: end }])
      assert.deepEqual(await locked.admin.groupPositions(`${topic}-group`, topic), [end])
    } finally {
      await locked.close()
    }
  })

test('a wrong password is told as such, by whichever client is asked first', async () => {
  const { brokers, tls } = settings({})
  const sasl = { mechanism: 'SCRAM-SHA-256', ...user, password: 'guessed' } as const
  const locked = kafkaBroker({ brokers, sasl, ...(tls ? { tls } : {}) })
  const refused = (thrown: unknown) =>
    thrown instanceof KappaError && thrown.code === 'BROKER' && !thrown.retriable && !/guessed/.test(thrown.message)
  await Promise.all([assert.rejects(locked.admin.topics(), refused), assert.rejects(locked.reader(), refused)])
  await locked.close()
})

test('does not talk to a broker whose certificate nobody vouches for', async () => {
  await assert.rejects(
    LeanReader.open({ ...settings({}), tls: {} }),
    (thrown) =>
      thrown instanceof KappaError && thrown.code === 'SERVICE_UNAVAILABLE' && /certificate/.test(thrown.message),
  )
})

test('goes on where it stood when a killed broker comes back, and a worker that was started meanwhile starts', async () => {
  const reader = await LeanReader.open(settings({ mechanism: 'SCRAM-SHA-256' }))
  await reader.assign([{ ...at, offset: 200 }])
  assert.deepEqual(await readTo(reader, 300), numbers(200, 300))
  await kafka.kill()
  assert.deepEqual(await reader.read(10, 300), [])
  // A worker that is started now waits, and says so.
  const told: string[] = []
  const deployment = killedDeployment('waiting', 1)
  const own = kafkaBroker({ brokers: [kafka.open] })
  const starting = startWorker({ broker: own, deployments: [deployment], onWarning: (text) => told.push(text) })
  await patiently(async () => assert.match(told[0] ?? '', /^waiting for Kafka: /))
  await kafka.start()
  const worker = await starting
  await patiently(async () => {
    const tasks = await worker.status()
    assert.ok(tasks.length === 2 && tasks.every(({ state }) => state === 'running'))
  })
  await worker.stop()
  await own.close()
  await patiently(() => broker.admin.committedEnds(at.topic))
  await write(300, 500)
  assert.deepEqual(await readTo(reader, 500), numbers(300, 500))
  await reader.close()
})
