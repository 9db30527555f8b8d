import assert from 'node:assert/strict'
import { test } from 'node:test'
import { generateShopEvents, type Incident, type IncidentKind, incidentOf } from './index.ts'

const DAY = 86_400_000
const START = Date.UTC(2025, 2, 4)
const HOUR = 3_600_000

/** What happens in the window of an incident, with and without it, on a day of 30,000 events. */
function compared(kind: IncidentKind, from: number, hours: number) {
  const incident: Incident = { kind, start: START + from * HOUR, end: START + (from + hours) * HOUR }
  const within = (incidents: readonly Incident[]) => {
    const counts = { events: 0, added: 0, paid: 0, refused: 0, lastQuarterPaid: 0, outside: 0 }
    for (const event of generateShopEvents({ start: START, days: 1, eventsPerDay: 30_000, seed: 11, incidents })) {
      const { occurredAt } = event.value
      if (occurredAt < incident.start || occurredAt >= incident.end) {
        counts.outside++
        continue
      }
      counts.events++
      if (event.kind === 'cart-change' && event.value.action === 'ADD') counts.added++
      if (event.kind !== 'purchase') continue
      if (event.value.status === 'REFUSED') counts.refused++
      else counts.paid++
      if (event.value.status === 'PAID' && occurredAt > incident.end - hours * 0.25 * HOUR) counts.lastQuarterPaid++
    }
    return counts
  }
  return { usual: within([]), now: within([incident]) }
}

test('a checkout failure refuses nearly every payment', () => {
  const { usual, now } = compared('checkout-failure', 17, 2)
  assert.ok(usual.paid > 30 && usual.refused < usual.paid / 5)
  assert.ok(now.paid < usual.paid / 5 && now.refused > usual.paid, JSON.stringify(now))
})

test('a bot burst fills carts that nobody pays for, on top of the usual events', () => {
  const { usual, now } = compared('bot-burst', 9, 1)
  assert.ok(now.added > 10 * usual.added)
  assert.ok(now.events > 2 * usual.events)
  assert.ok(now.paid < 2 * usual.paid)
  assert.ok(Math.abs(now.outside - usual.outside) < 20)
})

test('a slow drift sells less and less', () => {
  const { usual, now } = compared('slow-drift', 6, 16)
  assert.ok(now.paid < 0.75 * usual.paid)
  assert.ok(now.lastQuarterPaid / usual.lastQuarterPaid < now.paid / usual.paid)
})

test('in a quiet night hardly anybody comes', () => {
  const { usual, now } = compared('quiet-night', 1, 4)
  assert.ok(now.events < usual.events / 5)
})

test('a holiday doubles the visitors and sells more to each', () => {
  const { usual, now } = compared('holiday', 0, 24)
  assert.ok(now.events > 1.8 * usual.events && now.events < 2.5 * usual.events)
  assert.ok(now.paid / now.events > usual.paid / usual.events)
})

test('an incident is read from its text, and what is wrong with one is said', () => {
  const start = Date.parse('2025-01-05T14:00Z')
  assert.deepEqual(incidentOf('checkout-failure@2025-01-05T14:00Z+20m'), {
    kind: 'checkout-failure',
    start,
    end: start + 20 * 60_000,
  })
  assert.equal(incidentOf('holiday@2025-01-05T00:00:00Z+1d').end - Date.UTC(2025, 0, 5), DAY)
  for (const [text, message] of [
    ['holiday', /form kind@start\+duration/],
    ['party@2025-01-05T14:00Z+20m', /no kind 'party'/],
    ['holiday@2025-01-05 14:00+20m', /no instant/],
    ['holiday@2025-13-05T14:00Z+20m', /no instant/],
    ['holiday@2025-01-05T14:00Z+0m', /no duration/],
  ] as const)
    assert.throws(() => incidentOf(text), { code: 'CONFIG_INVALID', message })
})
