import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Purchase, StagedIncident } from '#schemas'
import { incidentOf } from '../shop/incidents.ts'
import { domains, eventsOfHour, World, type WorldSettings } from './index.ts'
import { hoursBetween } from './seasons.ts'
import { HOUR_MS } from './settings.ts'

const START = Date.UTC(2025, 0, 1)
const FROM = START / HOUR_MS + 34
const HOURS = 4

/** What six topics hold in four hours, with and without the incident. */
function hold(kind: string) {
  const settings: WorldSettings = {
    seed: 2,
    start: START,
    eventsPerDay: 60_000,
    initialCustomers: 2_000,
    frequency: 'daily',
    incidents: [],
  }
  const count = (incidents: WorldSettings['incidents']) => {
    const world = new World({ ...settings, incidents })
    const counts = { views: 0, carts: 0, paid: 0, refused: 0, placed: 0, told: [] as StagedIncident[] }
    for (const hour of hoursBetween(FROM, FROM + HOURS))
      for (const { topic, value } of eventsOfHour(world, domains, hour)) {
        if (topic.name === 'shop.page-views.v1') counts.views++
        if (topic.name === 'shop.cart-changes.v1') counts.carts++
        if (topic.name === 'shop.purchases.v1') counts[(value as Purchase).status === 'PAID' ? 'paid' : 'refused']++
        if (topic.name === 'crm.order-lines.v1' && (value as { lineNumber: number }).lineNumber === 1) counts.placed++
        if (topic.name === 'truth.staged-incidents.v1') counts.told.push(value as StagedIncident)
      }
    return counts
  }
  return { ordinary: count([]), staged: count([incidentOf(`${kind}@2025-01-02T10:00Z+4h`)]) }
}

test('a failing checkout refuses payments: no orders, and the truth says so', () => {
  const { ordinary, staged } = hold('checkout-failure')
  assert.ok(ordinary.paid > 20 && ordinary.refused < ordinary.paid / 3)
  assert.ok(staged.refused > 4 * staged.paid, `${staged.refused} refused, ${staged.paid} paid`)
  assert.ok(staged.placed < ordinary.placed / 3)
  assert.deepEqual(ordinary.told, [])
  const startsAt = FROM * HOUR_MS
  assert.deepEqual(staged.told, [{ kind: 'CHECKOUT_FAILURE', startsAt, endsAt: startsAt + HOURS * HOUR_MS }])
})

test('a quiet night empties the shop, a holiday fills it, bots fill carts and pay nothing', () => {
  const quiet = hold('quiet-night')
  assert.ok(quiet.staged.views < quiet.ordinary.views / 3)
  const holiday = hold('holiday')
  assert.ok(holiday.staged.views > 1.5 * holiday.ordinary.views)
  assert.ok(holiday.staged.placed > 1.5 * holiday.ordinary.placed)
  const bots = hold('bot-burst')
  assert.ok(bots.staged.carts > 4 * bots.ordinary.carts)
  assert.equal(bots.staged.placed, bots.ordinary.placed)
})
