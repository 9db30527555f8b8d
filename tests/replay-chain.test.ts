import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chainOf, type Generation, type GenerationRecord, linkRequest } from '#engine/replay'
import { processors } from '../processors/index.ts'

const MINUTE = 60_000
const asked = { from: Date.UTC(2025, 0, 6), to: Date.UTC(2025, 0, 7) }
const plans = processors.map(({ plan }) => plan)
const chain = (name: string) => {
  const head = plans.find((plan) => plan.name === name)
  assert.ok(head)
  return chainOf([...plans].reverse(), head, asked)
}

test('a chain is a processor and everything downstream, each behind those it reads from', () => {
  assert.deepEqual(
    chain('cart-outcomes').map(({ plan, upstream }) => [plan.name, ...upstream]),
    [
      ['cart-outcomes'],
      ['cart-abandonment-per-minute', ['shop.cart-outcomes.v1', 'cart-outcomes']],
      ['cart-abandonment-anomalies', ['shop.cart-abandonment-per-minute.v1', 'cart-abandonment-per-minute']],
    ],
  )
  assert.deepEqual(
    chain('masked-clicks').map(({ plan }) => plan.name),
    ['masked-clicks'],
  )
})

test('what is upstream publishes what those behind it need for their windows to be whole', () => {
  const [outcomes, perMinute, anomalies] = chain('cart-outcomes')
  assert.deepEqual(anomalies?.publishes, asked)
  // The anomalies learn from all there is.
  assert.equal(perMinute?.publishes.from, 0)
  assert.equal(outcomes?.publishes.from, 0)
  const own = chain('cart-abandonment-per-minute')[0]?.publishes
  assert.equal(own?.from, 0)
  assert.ok(own.to >= asked.to)
  assert.ok((outcomes?.publishes.to ?? 0) >= (perMinute?.publishes.to ?? 0) + MINUTE)
})

test('a link reads what was made anew, which closes its windows only where it is complete', () => {
  const [outcomes, perMinute] = chain('cart-outcomes')
  assert.ok(outcomes && perMinute)
  const made = (at: number): Generation => {
    const { name, version, destination } = outcomes.plan
    const base = { processor: name, version, topic: destination.name, generation: 4, source: 'auto' } as const
    const started: GenerationRecord = { ...base, ...asked, publishes: outcomes.publishes, decision: 'started', at }
    return { started, records: [started], last: started }
  }
  const until = outcomes.publishes.to
  assert.deepEqual(linkRequest(perMinute, [made(until)]), {
    publishes: perMinute.publishes,
    sources: { 'shop.cart-outcomes.v1': 'shop.cart-outcomes.v1.g4' },
    closesAt: until,
  })
  assert.equal(linkRequest(perMinute, [made(until - 1)]).closesAt, undefined)
  assert.throws(() => linkRequest(perMinute, []), { code: 'STATE_MISMATCH', message: /cart-outcomes, which it reads/ })
})
