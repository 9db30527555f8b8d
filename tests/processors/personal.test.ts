import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lineageOf, processor } from '#engine'
import { topicOf } from '#engine/schema'
import { cartOutcomes, maskedPageViews, maskedPurchases, pageViews, purchases, topics } from '#schemas'
import { processors } from '../../processors/index.ts'

const contractOf = (name: string) => topics.find((topic) => topic.name === name)?.contract

test('every processor leads personal fields to tagged columns only, and reads every sealed field through mask', () => {
  let personal = 0
  for (const { plan } of processors) {
    for (const [column, origins] of lineageOf(plan)) {
      for (const { topic, field } of origins) {
        const pii = contractOf(topic)?.fields.find(({ name }) => name === field)?.pii
        if (!pii) continue
        personal++
        const target = plan.destination.contract.fields.find(({ name }) => name === column)
        assert.ok(target?.pii, `${plan.name}: ${topic}.${field} → ${column}`)
        if (pii.sealed) {
          assert.equal(target.pii.strategy, pii.strategy, `${plan.name}: ${column}`)
          assert.equal(target.pii.subject, pii.subject, `${plan.name}: ${column}`)
          assert.equal(target.pii.sealed, false)
        }
      }
    }
  }
  // Three topics with two personal fields, purchases with three that are kept, customers with two, clients with one.
  assert.equal(personal, 12)
})

test('processors have names, topics and documentation of their own', () => {
  const names = processors.map(({ plan }) => plan.name)
  assert.equal(new Set(names).size, names.length)
  assert.equal(new Set(processors.map(({ plan }) => plan.destination.name)).size, names.length)
  for (const { doc } of processors) assert.match(doc, /^[A-Z].*\.$/)
})

const refusedNaming =
  (...words: string[]) =>
  (error: Error & { code?: string }) => {
    assert.equal(error.code, 'PLAN_INVALID')
    for (const word of words) assert.ok(error.message.includes(word), error.message)
    return true
  }

/** The masked topic with one tag taken away. */
function untagged(field: string) {
  const contract = maskedPageViews.contract
  return topicOf<never>({
    ...contract,
    fields: contract.fields.map(({ pii, ...kept }) => (kept.name === field || !pii ? kept : { ...kept, pii })),
  })
}

test('a personal field that reaches an untagged column does not build; the message names both', () => {
  assert.throws(
    () =>
      processor('leaks-a-pseudonym', ({ from }) =>
        from(pageViews)
          .mask({ email: 'emailPseudonym', ip: 'ipPrefix' })
          .to(untagged('emailPseudonym') as typeof maskedPageViews),
      ),
    refusedNaming('shop.page-views.v1.email', 'emailPseudonym'),
  )
  assert.throws(
    () =>
      processor('leaks-through-a-map', ({ from }) =>
        from(pageViews)
          .map(['ip', 'email'], ({ ip, email }) => ({ path: ip, emailPseudonym: email, ipPrefix: ip }), {
            keep: [
              'eventId',
              'sessionId',
              'visitorId',
              'customerId',
              'country',
              'device',
              'pageType',
              'productId',
              'referrer',
              'occurredAt',
            ],
          })
          .to(maskedPageViews),
      ),
    refusedNaming('shop.page-views.v1.ip', "'path'"),
  )
  assert.throws(
    () =>
      processor('leaks-through-state', ({ from }) =>
        from(purchases)
          .keyBy('visitorId')
          .process({
            name: 'leak',
            reads: ['email', 'country', 'occurredAt'],
            state: { initial: () => ({}) },
            onEvent: ({ key }, { email, country, occurredAt }) => ({
              cartId: email,
              visitorId: key.visitorId,
              sessionId: '',
              country,
              outcome: 'BOUGHT' as const,
              pieces: 1,
              openedAt: occurredAt,
              decidedAt: occurredAt,
            }),
          })
          .to(cartOutcomes),
      ),
    refusedNaming('shop.purchases.v1.email', "'cartId'"),
  )
})

test('mask has to name every personal field, and by its strategy', () => {
  assert.throws(
    () =>
      processor('forgets-the-address', ({ from }) =>
        from(purchases)
          .mask({ email: 'emailPseudonym', ip: 'ipPrefix', name: null })
          .map(['address'], ({ address }) => ({ city: address }), {
            keep: [
              'eventId',
              'sessionId',
              'visitorId',
              'customerId',
              'country',
              'device',
              'orderId',
              'status',
              'amount',
              'currency',
              'items',
              'paymentMethod',
              'refusalReason',
              'emailPseudonym',
              'ipPrefix',
              'occurredAt',
            ],
          })
          .to(maskedPurchases),
      ),
    refusedNaming('address', 'shop.purchases.v1'),
  )
  assert.throws(
    () =>
      processor('keeps-the-name', ({ from }) =>
        from(purchases)
          .mask({ email: 'emailPseudonym', ip: 'ipPrefix', address: 'city', name: 'name' })
          .to(maskedPurchases),
      ),
    refusedNaming("'name'", "'drop'"),
  )
})
