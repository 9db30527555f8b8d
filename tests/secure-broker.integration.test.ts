import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Broker, kafkaBroker } from '#engine/broker'
import { KappaError } from '#engine/errors'
import { LeanReader } from '../engine/broker/kafka/lean/reader.ts'
import type { LeanSettings, Sasl } from '../engine/broker/kafka/lean/settings.ts'
import { type SecureKafka, secureKafka, user } from './secure-kafka-fixture.ts'

// The lean reader at a real broker's locked door, and over a broker that dies.

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
  await patiently(() => broker.admin.ensure([{ name: at.topic, partitions: 1, settings: {} }]))
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

test('does not talk to a broker whose certificate nobody vouches for', async () => {
  await assert.rejects(
    LeanReader.open({ ...settings({}), tls: {} }),
    (thrown) =>
      thrown instanceof KappaError && thrown.code === 'SERVICE_UNAVAILABLE' && /certificate/.test(thrown.message),
  )
})

test('goes on where it stood when a killed broker comes back', async () => {
  const reader = await LeanReader.open(settings({ mechanism: 'SCRAM-SHA-256' }))
  await reader.assign([{ ...at, offset: 200 }])
  assert.deepEqual(await readTo(reader, 300), numbers(200, 300))
  await kafka.kill()
  assert.deepEqual(await reader.read(10, 300), [])
  await kafka.start()
  await patiently(() => broker.admin.committedEnds(at.topic))
  await write(300, 500)
  assert.deepEqual(await readTo(reader, 500), numbers(300, 500))
  await reader.close()
})
