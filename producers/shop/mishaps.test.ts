import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { rulesOf } from '#engine/schema'
import { generateShopEvents, Mishaps, type Sent, shopTopics } from './index.ts'
import { Queue } from './queue.ts'

const events = [...generateShopEvents({ start: Date.UTC(2025, 0, 1), days: 1, eventsPerDay: 20_000, seed: 4 })]

function sent(ratios: { late?: number; broken?: number; duplicates?: number }): Sent[] {
  const mishaps = new Mishaps(4, { late: 0, broken: 0, duplicates: 0, ...ratios })
  return [...events.flatMap((event) => [...mishaps.send(event)]), ...mishaps.rest()]
}

const idOf = ({ value }: Sent): string => (value as { eventId: string }).eventId
const timeOf = ({ value }: Sent): number => (value as { occurredAt: number }).occurredAt

test('without mishaps every event is sent as it is, in order', () => {
  assert.deepEqual(
    sent({}),
    events.map(({ topic, value }) => ({ topic, value })),
  )
})

test('late events come 2 to 20 minutes behind time, and none is lost', () => {
  const all = sent({ late: 0.02 })
  assert.equal(new Set(all.map(idOf)).size, events.length)
  assert.equal(all.length, events.length)
  const end = Math.max(...all.map(timeOf)) - 1_200_000
  let newest = 0
  const lags: number[] = []
  for (const one of all) {
    if (timeOf(one) < newest && newest < end) lags.push(newest - timeOf(one))
    newest = Math.max(newest, timeOf(one))
  }
  assert.ok(lags.length > 0.01 * all.length && lags.length < 0.03 * all.length)
  // Sent at the first event after its delay; nights are quiet, so that this may be a minute later.
  assert.ok(Math.min(...lags) > 60_000 && Math.max(...lags) < 1_260_000, `${Math.min(...lags)} to ${Math.max(...lags)}`)
})

test('duplicates are the same events again, on top', () => {
  const all = sent({ duplicates: 0.05 })
  assert.ok(all.length > 1.04 * events.length && all.length < 1.06 * events.length)
  assert.equal(
    new Set(
      all.map((one) =>
        JSON.stringify(one.value, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part)),
      ),
    ).size,
    events.length,
  )
})

test('a broken event breaks a rule or fits no schema', () => {
  const judges = new Map(shopTopics.map((topic) => [topic.name, rulesOf(topic)]))
  const fits = ({ topic, value }: Sent): boolean => {
    if (judges.get(topic.name)?.(value as object) !== undefined) return false
    try {
      topic.encode(value)
      return true
    } catch {
      return false
    }
  }
  const all = sent({ broken: 0.03 })
  const broken = all.filter((one, i) => one.value !== events[i]?.value)
  assert.ok(broken.length > 0.02 * all.length && broken.length < 0.04 * all.length)
  assert.deepEqual(broken.filter(fits), [])
  assert.equal(all.filter((one) => !fits(one)).length, broken.length)
})

test('the queue gives back by time, and in turn within one moment', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20)), fc.nat(20), (times, until) => {
      const queue = new Queue<readonly [number, number]>()
      for (const [turn, at] of times.entries()) queue.add(at, [at, turn])
      const sorted = times.map((at, turn) => [at, turn] as const).sort((a, b) => a[0] - b[0] || a[1] - b[1])
      assert.deepEqual(
        [...queue.take(until)],
        sorted.filter(([at]) => at <= until),
      )
      assert.deepEqual(
        [...queue.take(Number.POSITIVE_INFINITY)],
        sorted.filter(([at]) => at > until),
      )
      assert.equal(queue.size, 0)
    }),
  )
})
