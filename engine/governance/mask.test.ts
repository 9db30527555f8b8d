import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Pii } from '#engine/schema'
import { generalise } from './generalise.ts'
import { masked, maskedField, maskShape, pseudonymOf } from './mask.ts'
import { newSecret } from './masterKey.ts'
import { sealText } from './seal.ts'

const bytes = (from: number): Buffer => Buffer.from(Array.from({ length: 32 }, (_, i) => from + i))
const secret = { sealKey: bytes(0), pseudonymKey: bytes(32) }
const pii = (strategy: Pii['strategy'], keep?: Pii['keep']): Pii => ({
  subject: 'customerId',
  strategy,
  sealed: true,
  ...(keep === undefined ? {} : { keep }),
})

test('a pseudonym is the HMAC that Python computes, whatever the case of the e-mail', () => {
  const expected = 'a7rWW-713GCdRdOCxxi0K5LTpJmStlgdkG6aTFTcC84'
  assert.equal(pseudonymOf(secret, 'ada@example.org'), expected)
  assert.equal(pseudonymOf(secret, ' Ada@Example.ORG '), expected)
  assert.notEqual(pseudonymOf(newSecret(), 'ada@example.org'), expected)
})

test('networks: IPv4 /24, IPv6 /48, mapped addresses as IPv4', () => {
  const cases: Record<string, string> = {
    '203.0.113.77': '203.0.113.0/24',
    '10.255.3.255': '10.255.3.0/24',
    '2001:db8:85a3:8d3:1319:8a2e:370:7348': '2001:db8:85a3::/48',
    '2001:db8::1': '2001:db8::/48',
    '::1': '::/48',
    '0:0:5::9': '0:0:5::/48',
    '2001:DB8:1::': '2001:db8:1::/48',
    '::ffff:203.0.113.77': '203.0.113.0/24',
    '::ffff:cb00:714d': '203.0.113.0/24',
    '64:ff9b::203.0.113.77': '64:ff9b::/48',
    'fe80::1%eth0': 'fe80::/48',
    '1.2.3': 'unknown',
    '203.0.113.77:443': 'unknown',
    '': 'unknown',
  }
  for (const [address, network] of Object.entries(cases)) assert.equal(generalise('ip-prefix', address), network)
})

test('an address leaves its city, a postcode its prefix, a birth date its year; else unknown', () => {
  const cases: [NonNullable<Pii['keep']>, string, string][] = [
    ['city', '12 rue des Lilas, 75011 Paris', 'Paris'],
    ['city', '12 Main Street, Springfield, IL 62704', 'Springfield'],
    ['city', '10 Downing Street, London SW1A 2AA, United Kingdom', 'London'],
    ['city', '4 Main Street, 12, New York', 'New York'],
    ['city', '12 Main Street', 'unknown'],
    ['postcode-prefix', '10001', '10'],
    ['postcode-prefix', '75011', '75'],
    ['postcode-prefix', 'sw1a 2aa', 'SW1'],
    ['postcode-prefix', '12 Main Street', 'unknown'],
    ['birth-year', '1815-12-10', '1815'],
    ['birth-year', '1815-12-10T00:00:00Z', '1815'],
    ['birth-year', '10/12/1815', 'unknown'],
  ]
  for (const [keep, plaintext, expected] of cases) assert.equal(generalise(keep, plaintext), expected)
})

test('a masked shape keeps punctuation and length, and no letter or digit of its own', () => {
  assert.equal(maskShape('Zoë van Dyk-7, +32 470'), 'Xxx xxx Xxx-0, +00 000')
  assert.equal(maskShape('Zoe\u0308'), 'Xxx')
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (plaintext) => {
      assert.doesNotMatch(maskShape(plaintext).replace(/[Xx0]/g, ''), /[\p{L}\p{N}]/u)
    }),
  )
})

test('no strategy lets the plaintext through', () => {
  fc.assert(
    fc.property(fc.ipV4(), fc.emailAddress(), (ip, email) => {
      assert.equal(masked(pii('drop'), secret, email), null)
      assert.ok(!masked(pii('pseudonym'), secret, email)?.includes(email))
      assert.ok(!masked(pii('generalise', 'city'), secret, email)?.includes(email))
      assert.notEqual(masked(pii('generalise', 'ip-prefix'), secret, ip), ip)
    }),
  )
})

test('a field is opened and masked; null, dropped and erased have their own answers', () => {
  const field = { name: 'email', pii: pii('pseudonym') }
  const sealed = sealText(secret, { topic: 'shop.purchases.v1', field: 'email', subject: 'c-17' }, 'ada@example.org')
  const mask = (value: string | null, key: typeof secret | null = secret) =>
    maskedField('shop.purchases.v1', field, 'c-17', key, value)
  assert.equal(mask(sealed), pseudonymOf(secret, 'ada@example.org'))
  assert.equal(mask(null), null)
  assert.equal(mask(sealed, null), 'erased')
  assert.equal(mask('erased'), 'erased')
  assert.throws(() => mask('ada@example.org'), { code: 'DECODE_FAILED' })
  assert.throws(() => maskedField('shop.purchases.v1', field, 'c-18', secret, sealed), { code: 'DECODE_FAILED' })
  assert.equal(maskedField('t', { name: 'name', pii: pii('drop') }, 'c-17', secret, sealed), null)
})
