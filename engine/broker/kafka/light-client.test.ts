import assert from 'node:assert/strict'
import { createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import kafkajs from 'kafkajs'
import { KappaError } from '#engine/errors'
import { LightClient, lightFailure } from './light-client.ts'

const named = (name: string, text: string): Error => Object.assign(new Error(text), { name })
const judged = (thrown: unknown) => {
  const { code, retriable } = lightFailure(thrown, 'asking')
  return { code, retriable }
}

test('a broker that is killed between two answers is waited for', () => {
  const away = { code: 'SERVICE_UNAVAILABLE', retriable: true }
  assert.deepEqual(judged(new TypeError("Cannot read properties of null (reading 'topicMetadata')")), away)
  assert.deepEqual(judged(named('KafkaJSGroupCoordinatorNotFound', 'Failed to find group coordinator')), away)
  assert.deepEqual(judged(new kafkajs.KafkaJSConnectionError('read ECONNRESET')), away)
  assert.deepEqual(judged(named('KafkaJSNoBrokerAvailableError', 'No broker available')), away)
})

test('a broker that is about to lead is asked again; what no waiting mends is told at once', () => {
  const leaderless = Object.assign(new Error('no leader'), { retriable: true })
  assert.deepEqual(judged(leaderless), { code: 'BROKER', retriable: true })
  assert.deepEqual(judged(Object.assign(new Error('some'), { partitions: [{ error: leaderless }] })), {
    code: 'BROKER',
    retriable: true,
  })
  const refused = { code: 'BROKER', retriable: false }
  assert.deepEqual(judged(Object.assign(new Error('not authorized'), { retriable: false })), refused)
  assert.deepEqual(judged(named('KafkaJSSASLAuthenticationError', 'wrong password')), refused)
})

test('topics that cannot be made while the broker starts are asked for again; the reasons are told', () => {
  const refusal = (type: string, topic: string) => Object.assign(new Error(type), { type, topic, retriable: false })
  const creating = (...errors: Error[]) =>
    lightFailure(Object.assign(new Error('Topic creation errors'), { errors }), 'creating topics')
  const starting = creating(refusal('INVALID_REPLICATION_FACTOR', 'a'), refusal('TOPIC_ALREADY_EXISTS', 'b'))
  assert.deepEqual({ code: starting.code, retriable: starting.retriable }, { code: 'BROKER', retriable: true })
  const wrong = creating(refusal('INVALID_REPLICATION_FACTOR', 'a'), refusal('INVALID_CONFIG', 'b'))
  assert.equal(wrong.retriable, false)
  assert.match(wrong.message, /a: INVALID_REPLICATION_FACTOR; b: INVALID_CONFIG/)
})

test('a client that lost its broker is opened anew', async () => {
  const sockets = new Set<Socket>()
  let connected = 0
  const server = createServer((socket) => {
    connected++
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('data', () => socket.destroy())
  })
  const port = await new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => {
      const at = server.address()
      resolve(typeof at === 'object' && at ? at.port : 0)
    }),
  )
  const light = new LightClient({ brokers: [`127.0.0.1:${port}`], clientId: 'test' }, 0)
  const ask = () =>
    light
      .ask('listing topics', (admin) => admin.listTopics())
      .then(
        () => assert.fail('nobody answers here'),
        (thrown: unknown) => assert.ok(thrown instanceof KappaError && thrown.retriable, String(thrown)),
      )
  await ask()
  const first = connected
  await ask()
  assert.ok(connected > first)
  await light.close()
  for (const socket of sockets) socket.destroy()
  await new Promise((resolve) => server.close(resolve))
})
