import assert from 'node:assert/strict'
import { test } from 'node:test'
import kafka from 'node-rdkafka'
import { failureOf, isLeaderless } from './failure.ts'

const { ERRORS } = kafka.CODES
const failed = (code: number) => failureOf({ message: 'said by the client', code }, 'asking')

test('a broker that was fenced for a moment, or starts, is waited for: its partitions seem unknown meanwhile', () => {
  for (const code of [ERRORS.ERR__UNKNOWN_PARTITION, ERRORS.ERR__UNKNOWN_TOPIC, ERRORS.ERR_UNKNOWN_TOPIC_OR_PART]) {
    assert.equal(isLeaderless({ message: '', code }), true)
    const { code: ours, retriable } = failed(code)
    assert.deepEqual({ ours, retriable }, { ours: 'SERVICE_UNAVAILABLE', retriable: true })
  }
})

test('a broker that goes while it is asked is waited for', () => {
  const going = [ERRORS.ERR__DESTROY_BROKER, ERRORS.ERR__TRANSPORT, ERRORS.ERR_NETWORK_EXCEPTION]
  for (const code of [...going, ERRORS.ERR_OFFSET_NOT_AVAILABLE, ERRORS.ERR_NOT_ENOUGH_REPLICAS]) {
    const { code: ours, retriable } = failed(code)
    assert.deepEqual({ ours, retriable }, { ours: 'SERVICE_UNAVAILABLE', retriable: true }, `${code}`)
  }
})

test('what no waiting mends is told at once', () => {
  const { code, retriable, message } = failed(ERRORS.ERR_TOPIC_AUTHORIZATION_FAILED)
  assert.deepEqual({ code, retriable }, { code: 'BROKER', retriable: false })
  assert.match(message, /asking .*said by the client/)
})
