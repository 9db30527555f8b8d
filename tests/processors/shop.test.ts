import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { type KeyVault, memoryVault, sealer } from '#engine/governance'
import type { AnyTopic, Topic } from '#engine/schema'
import {
  type CartOutcome,
  cartAbandonmentPerMinute,
  cartChanges,
  cartOutcomes,
  clicks,
  funnelPerMinute,
  type MaskedPurchase,
  maskedCartChanges,
  maskedClicks,
  maskedPageViews,
  maskedPurchases,
  pageViews,
  purchases,
  revenuePartsPerMinute,
  revenuePerMinute,
} from '#schemas'
import cartAbandonmentPlan from '../../processors/cart-abandonment-per-minute.ts'
import cartOutcomesPlan from '../../processors/cart-outcomes.ts'
import funnelPlan from '../../processors/funnel-per-minute.ts'
import { processors } from '../../processors/index.ts'
import maskedPurchasesPlan from '../../processors/masked-purchases.ts'
import revenuePartsPlan from '../../processors/revenue-parts-per-minute.ts'
import revenuePlan from '../../processors/revenue-per-minute.ts'
import { generateShopEvents, type ShopEvent } from '../../producers/shop/index.ts'
import { minutesOf } from '../anomalies/minutes.ts'
import { drivenPlan, sorted } from './driven.ts'

const START = Date.UTC(2025, 0, 6)
const events: readonly ShopEvent[] = [...generateShopEvents({ start: START, days: 1, eventsPerDay: 6_000, seed: 7 })]

/** The values of a topic's events. */
const of = <V>(topic: Topic<V>): V[] =>
  events.flatMap((event) => (event.topic.name === topic.name ? [event.value as unknown as V] : []))

const tally = (keys: readonly string[]): Map<string, number> => {
  const counts = new Map<string, number>()
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1)
  return counts
}
const minute = (time: number): number => time - (time % 60_000)

/** The vault's secrets, reached around the engine. */
const pseudonym = async (vault: KeyVault, subject: string, email: string): Promise<string> => {
  const secret = (await vault.secrets([subject])).get(subject)
  assert.ok(secret)
  return createHmac('sha256', secret.pseudonymKey).update(email.toLowerCase()).digest('base64url')
}

test('masked purchases hold a pseudonym, a network and a city; through two crashes, each once', async () => {
  const vault = memoryVault()
  const given = of(purchases)
  const erased = given[0]?.customerId ?? ''
  const sealed = await sealer(purchases, vault)(given)
  vault.erase(erased)
  const plan = await drivenPlan(maskedPurchasesPlan, { vault })
  plan.driven.crashAt('commit', 4)
  plan.write(purchases, sealed)
  await plan.driven.run()
  plan.driven.crash()
  await plan.settle()
  const expected: MaskedPurchase[] = []
  for (const { ip, email, name: _name, address, ...kept } of given) {
    const gone = kept.customerId === erased
    expected.push({
      ...kept,
      emailPseudonym: gone ? 'erased' : await pseudonym(vault, kept.customerId, email),
      ipPrefix: gone ? 'erased' : `${ip.split('.').slice(0, 3).join('.')}.0/24`,
      // The generator writes `street, postcode city`.
      city: gone ? 'erased' : (/, \S+(?: \S*\d\S*)* (\D+)$/.exec(address)?.[1] ?? 'unknown'),
    })
  }
  assert.ok(expected.length > 50 && expected.some(({ customerId }) => customerId === erased))
  const byId = new Map(plan.rows(maskedPurchases).map((row) => [row.eventId, row]))
  assert.equal(plan.rows(maskedPurchases).length, expected.length)
  for (const row of expected) assert.deepEqual(byId.get(row.eventId), row)
  assert.equal(plan.refused(), 0)
  assert.ok(plan.driven.crashes >= 1)
  await plan.driven.close()
})

test('neither sealed nor masked topics hold an e-mail, a name or a full address', async () => {
  const vault = memoryVault()
  const pairs: [AnyTopic, AnyTopic][] = [
    [pageViews, maskedPageViews],
    [clicks, maskedClicks],
    [cartChanges, maskedCartChanges],
    [purchases, maskedPurchases],
  ]
  for (const [raw, masked] of pairs) {
    const found = processors.find(({ plan }) => plan.destination.name === masked.name)
    assert.ok(found)
    const plan = await drivenPlan(found.plan, { vault })
    const given = of<Record<string, unknown>>(raw)
    plan.write(raw, await sealer(raw, vault)(given))
    await plan.settle()
    const rows = plan.rows(masked)
    assert.equal(rows.length, given.length)
    assert.equal(plan.refused(), 0)
    const bytes = Buffer.concat(
      [raw.name, masked.name].flatMap((topic) => plan.driven.read(topic).map(({ value }) => value ?? Buffer.alloc(0))),
    )
    for (const field of ['email', 'name', 'address', 'ip'])
      for (const value of new Set(given.map((event) => event[field])))
        if (typeof value === 'string') assert.ok(!bytes.includes(value), `${masked.name} holds a ${field}`)
    await plan.driven.close()
  }
})

test('while the vault is away nothing is masked and nothing is lost', async () => {
  const vault = memoryVault()
  const given = of(purchases).slice(0, 20)
  const sealed = await sealer(purchases, vault)(given)
  const plan = await drivenPlan(maskedPurchasesPlan, { vault })
  plan.write(purchases, sealed)
  vault.away = true
  const stopped = plan.driven.run()
  await new Promise((resolve) => setTimeout(resolve, 20))
  assert.deepEqual(plan.rows(maskedPurchases), [])
  vault.away = false
  await stopped
  await plan.settle()
  assert.equal(plan.rows(maskedPurchases).length, 20)
  await plan.driven.close()
})

test('revenue per minute is what adding up the paid purchases gives', async () => {
  const plan = await drivenPlan(revenuePlan)
  plan.write(purchases, of(purchases))
  await plan.settle()
  const expected = minutesOf(events).revenue.map(({ parts: _, ...row }) => row)
  assert.ok(expected.length > 20)
  assert.deepEqual(sorted(plan.rows(revenuePerMinute)), sorted(expected))
  assert.equal(plan.refused(), 0)
  await plan.driven.close()
})

test('revenue is divided by device and payment method, and the parts add up to it', async () => {
  const plan = await drivenPlan(revenuePartsPlan)
  plan.write(purchases, of(purchases))
  await plan.settle()
  const expected = minutesOf(events).revenue
  const rows = plan.rows(revenuePartsPerMinute)
  assert.deepEqual(sorted(rows), sorted(expected))
  for (const { orders, revenue, parts } of rows)
    for (const dimension of ['device', 'paymentMethod']) {
      const own = parts.filter((part) => part.dimension === dimension)
      assert.equal(
        own.reduce((sum, part) => sum + part.revenue, 0n),
        revenue,
      )
      assert.equal(
        own.reduce((sum, part) => sum + part.orders, 0),
        orders,
      )
    }
  assert.equal(plan.refused(), 0)
  await plan.driven.close()
})

test('the funnel counts every event of four topics once, by step and country', async () => {
  const plan = await drivenPlan(funnelPlan)
  for (const topic of [purchases, cartChanges, clicks, pageViews] as AnyTopic[]) plan.write(topic, of(topic))
  await plan.settle()
  const expected = tally([
    ...of(pageViews).map((e) => `PAGE_VIEW/${e.country}/${minute(e.occurredAt)}`),
    ...of(clicks).map((e) => `CLICK/${e.country}/${minute(e.occurredAt)}`),
    ...of(cartChanges).map(
      (e) => `${e.action === 'ADD' ? 'ADD_TO_CART' : 'REMOVE_FROM_CART'}/${e.country}/${minute(e.occurredAt)}`,
    ),
    ...of(purchases)
      .filter((e) => e.status === 'PAID')
      .map((e) => `PURCHASE/${e.country}/${minute(e.occurredAt)}`),
  ])
  const rows = plan.rows(funnelPerMinute)
  const seen = new Map(rows.map((row) => [`${row.type}/${row.country}/${row.windowStart}`, row.events]))
  assert.equal(seen.size, rows.length)
  assert.deepEqual(new Map([...seen].sort()), new Map([...expected].sort()))
  assert.equal(plan.refused(), 0)
  await plan.driven.close()
})

test('every cart is bought or abandoned once, and the minutes add up', async () => {
  const outcomes = await drivenPlan(cartOutcomesPlan)
  outcomes.driven.crashAt('commit', 4, 2)
  outcomes.write(cartChanges, of(cartChanges))
  outcomes.write(purchases, of(purchases))
  await outcomes.settle()
  const rows: CartOutcome[] = outcomes.rows(cartOutcomes)
  assert.equal(new Set(rows.map(({ cartId }) => cartId)).size, rows.length)
  assert.equal(outcomes.refused(), 0)

  const minutes = await drivenPlan(cartAbandonmentPlan)
  minutes.write(
    cartOutcomes,
    [...rows].sort((a, b) => a.decidedAt - b.decidedAt),
  )
  await minutes.settle()
  const last = Math.max(...events.map(({ value }) => value.occurredAt))
  // The independent count ends with the last event; carts still open then are abandoned by the clock.
  const expected = minutesOf(events).carts
  const seen = minutes.rows(cartAbandonmentPerMinute).filter(({ windowEnd }) => windowEnd <= last)
  assert.ok(expected.length > 50)
  assert.deepEqual(sorted(seen), sorted(expected.filter(({ windowEnd }) => windowEnd <= last)))
  await outcomes.driven.close()
  await minutes.driven.close()
})
