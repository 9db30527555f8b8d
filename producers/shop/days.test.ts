import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { rulesOf } from '#engine/schema'
import { offsetAt } from '../calendar.ts'
import { generateShopEvents, lineOf, type ShopDays, type ShopEvent, shopTopics } from './index.ts'
import { busyness, MARKETS, type Market } from './markets.ts'

const DAY = 86_400_000
const JANUARY = Date.UTC(2025, 0, 1)
const dayOf = ({ value }: ShopEvent): number => Math.floor(value.occurredAt / DAY)

function hashOf(options: ShopDays): string {
  const hash = createHash('sha256')
  for (const event of generateShopEvents(options)) hash.update(lineOf(event))
  return hash.digest('hex')
}

test('2025-01-01 to 2025-03-28 with 5,000 events a day is 87 days and 435,000 events', () => {
  const perDay = new Map<number, number>()
  const days = (Date.UTC(2025, 2, 28) - JANUARY) / DAY + 1
  for (const event of generateShopEvents({ start: JANUARY, days, eventsPerDay: 5_000, seed: 1 }))
    perDay.set(dayOf(event), (perDay.get(dayOf(event)) ?? 0) + 1)
  assert.equal(perDay.size, 87)
  assert.deepEqual([...new Set(perDay.values())], [5_000])
})

test('every day has exactly its events, in the order of time, none twice', () => {
  const days = fc.record({
    days: fc.integer({ min: 1, max: 5 }),
    eventsPerDay: fc.integer({ min: 1, max: 300 }),
    seed: fc.nat(),
  })
  fc.assert(
    fc.property(days, (options) => {
      const perDay = new Array<number>(options.days).fill(0)
      const ids = new Set<string>()
      let last = 0
      for (const event of generateShopEvents({ start: JANUARY, ...options })) {
        const { occurredAt, eventId } = event.value
        assert.ok(occurredAt >= last)
        last = occurredAt
        ids.add(eventId)
        perDay[dayOf(event) - JANUARY / DAY] = (perDay[dayOf(event) - JANUARY / DAY] ?? 0) + 1
      }
      assert.deepEqual(perDay, new Array<number>(options.days).fill(options.eventsPerDay))
      assert.equal(ids.size, options.days * options.eventsPerDay)
    }),
    { numRuns: 30 },
  )
})

test('the same seed gives the same bytes, another seed others', () => {
  const options = { start: JANUARY, days: 2, eventsPerDay: 1_000, seed: 7 }
  assert.equal(hashOf(options), hashOf(options))
  assert.notEqual(hashOf(options), hashOf({ ...options, seed: 8 }))
})

test('every event keeps the rules of its contract and fits its schema', () => {
  const judges = new Map(shopTopics.map((topic) => [topic.name, rulesOf(topic)]))
  for (const { topic, value } of generateShopEvents({ start: JANUARY, days: 1, eventsPerDay: 5_000, seed: 3 })) {
    assert.equal(judges.get(topic.name)?.(value), undefined)
    assert.ok(topic.encode(value as never).length > 0)
  }
})

interface Visit {
  inCart: boolean
  tried: boolean
  paid: boolean
}

test('visits walk down a funnel: carts are abandoned, few visitors buy, and who buys is known', () => {
  const visits = new Map<string, Visit>()
  for (const event of generateShopEvents({ start: JANUARY, days: 2, eventsPerDay: 20_000, seed: 5 })) {
    const visit = visits.get(event.value.sessionId) ?? { inCart: false, tried: false, paid: false }
    visits.set(event.value.sessionId, visit)
    if (event.kind === 'cart-change') visit.inCart = true
    if (event.kind !== 'purchase') continue
    assert.ok(visit.inCart, 'nobody buys without a cart')
    assert.ok(!visit.paid, 'nobody pays twice')
    assert.ok(event.value.email.includes('@') && event.value.customerId !== '' && event.value.amount > 0n)
    assert.equal(event.value.refusalReason === null, event.value.status === 'PAID')
    visit.tried = true
    visit.paid ||= event.value.status === 'PAID'
  }
  const all = [...visits.values()]
  const share = (part: keyof Visit, of: readonly Visit[]) => of.filter((visit) => visit[part]).length / of.length
  const carts = all.filter(({ inCart }) => inCart)
  assert.ok(share('paid', all) > 0.01 && share('paid', all) < 0.1, `${share('paid', all)} of visits buy`)
  assert.ok(share('inCart', all) > 0.1 && share('inCart', all) < 0.4)
  assert.ok(share('paid', carts) > 0.2 && share('paid', carts) < 0.5, `${share('paid', carts)} of carts are bought`)
  assert.ok(all.some(({ tried, paid }) => tried && !paid))
})

test('each country is busy by its own clock, and differently at the weekend', () => {
  const byHour = (country: string, timeZone: string, start: number, days: number) => {
    const hours = new Array<number>(24).fill(0)
    for (const { value } of generateShopEvents({ start, days, eventsPerDay: 20_000, seed: 2 })) {
      const hour = Math.floor((value.occurredAt + offsetAt(value.occurredAt, timeZone)) / 3_600_000) % 24
      if (value.country === country) hours[hour] = (hours[hour] ?? 0) + 1
    }
    return (hour: number) => (hours[hour] ?? 0) / hours.reduce((sum, count) => sum + count)
  }
  for (const [country, timeZone] of [
    ['US', 'America/New_York'],
    ['DE', 'Europe/Berlin'],
  ] as const) {
    const share = byHour(country, timeZone, JANUARY, 2)
    assert.ok(share(20) > 5 * share(3), `${country} is awake in the evening`)
  }
  const [, germany] = MARKETS as readonly [Market, Market]
  const hour = (day: number, local: number) => busyness(germany, Date.UTC(2025, 0, day, local - 1, 30))
  const [saturday, tuesday] = [4, 7]
  assert.equal(germany.country, 'DE')
  assert.ok(hour(saturday, 15) / hour(saturday, 20) > 1.3 * (hour(tuesday, 15) / hour(tuesday, 20)))
  assert.ok(hour(tuesday, 8) > 1.5 * hour(saturday, 8))
})

test('options that cannot be are refused by name', () => {
  const usual = { start: JANUARY, days: 1, eventsPerDay: 10, seed: 1 }
  const refused = (change: Partial<ShopDays>, message: RegExp) =>
    assert.throws(() => [...generateShopEvents({ ...usual, ...change })], { code: 'CONFIG_INVALID', message })
  refused({ start: JANUARY + 1 }, /start/)
  refused({ days: 0 }, /days/)
  refused({ eventsPerDay: 1.5 }, /eventsPerDay/)
  refused({ seed: -1 }, /seed/)
})
