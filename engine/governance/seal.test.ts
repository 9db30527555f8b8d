import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { openSealed, type SealedAt, sealText } from './seal.ts'

const bytes = (from: number): Buffer => Buffer.from(Array.from({ length: 32 }, (_, i) => from + i))
const secret = { sealKey: bytes(0), pseudonymKey: bytes(32) }
const at: SealedAt = { topic: 'shop.purchases.v1', field: 'email', subject: 'c-17' }
const anyAt = fc.record({ topic: fc.string(), field: fc.string(), subject: fc.string() })
const decodeFailed = { code: 'DECODE_FAILED' }

test('opens what Python’s cryptography sealed with AESGCM', () => {
  const sealed = 'sealed:v1:ZGVmZ2hpamtsbW5vEnQdzTmMLv9TEjON9AoYmgJ6f4CPo2b28nhgK7Lw3IA'
  assert.equal(openSealed(secret, at, sealed), 'Zoë@example.org')
})

test('whatever is sealed opens to itself, and never twice to the same text', () => {
  fc.assert(
    fc.property(anyAt, fc.string({ unit: 'grapheme' }), (place, plaintext) => {
      const sealed = sealText(secret, place, plaintext)
      assert.equal(openSealed(secret, place, sealed), plaintext)
      assert.notEqual(sealText(secret, place, plaintext), sealed)
    }),
  )
})

test('a nonce is used once, however many are drawn together', () => {
  const nonces = Array.from({ length: 3_000 }, () => {
    const sealed = sealText(secret, at, 'x').slice('sealed:v1:'.length)
    return Buffer.from(sealed, 'base64url').subarray(0, 12).toString('hex')
  })
  assert.equal(new Set(nonces).size, nonces.length)
})

test('opens nowhere but where it was sealed', () => {
  fc.assert(
    fc.property(anyAt, anyAt, fc.string(), (here, there, plaintext) => {
      fc.pre(here.topic !== there.topic || here.field !== there.field || here.subject !== there.subject)
      const sealed = sealText(secret, here, plaintext)
      assert.throws(() => openSealed(secret, there, sealed), decodeFailed)
    }),
  )
  const moved = sealText(secret, { topic: 'a|b', field: 'c', subject: 'd' }, 'x')
  assert.throws(() => openSealed(secret, { topic: 'a', field: 'b|c', subject: 'd' }, moved), decodeFailed)
})

test('one flipped bit, another key, a cut or plaintext: refused without the value in the message', () => {
  const sealed = sealText(secret, at, 'ada@example.org')
  const body = Buffer.from(sealed.slice('sealed:v1:'.length), 'base64url')
  for (let i = 0; i < body.length; i++) {
    const altered = Buffer.from(body)
    altered[i] = (altered[i] ?? 0) ^ 1
    assert.throws(() => openSealed(secret, at, `sealed:v1:${altered.toString('base64url')}`), decodeFailed)
  }
  assert.throws(() => openSealed({ ...secret, sealKey: bytes(1) }, at, sealed), decodeFailed)
  assert.throws(() => openSealed(secret, at, sealed.slice(0, 30)), decodeFailed)
  assert.throws(
    () => openSealed(secret, at, 'ada@example.org'),
    (error: Error) => !error.message.includes('ada@') && error.message.includes('shop.purchases.v1 field email'),
  )
})

test('the ciphertext never holds the plaintext, as text or as bytes', () => {
  fc.assert(
    fc.property(fc.emailAddress(), (email) => {
      const sealed = sealText(secret, at, email)
      assert.ok(!sealed.includes(email))
      assert.ok(!Buffer.from(sealed.slice('sealed:v1:'.length), 'base64url').includes(email))
    }),
  )
})

test('what was erased before it was sealed stays erased', () => {
  assert.equal(openSealed(secret, at, 'erased'), 'erased')
})
