import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type LiveTraffic, liveShopEvents, type ShopEvent } from './index.ts'

const START = Date.UTC(2025, 5, 2, 12)

async function live(change: Partial<LiveTraffic> = {}) {
  let now = START
  const clock = {
    now: () => now,
    sleep: async (milliseconds: number) => {
      now += milliseconds
    },
  }
  const events: ShopEvent[] = []
  for await (const batch of liveShopEvents({ eventsPerMinute: 600, durationSeconds: 600, seed: 1, clock, ...change })) {
    for (const event of batch) {
      assert.ok(
        event.value.occurredAt <= now && event.value.occurredAt > now - 1_000,
        'an event is sent when it happens',
      )
      events.push(event)
    }
  }
  return { events, seconds: (now - START) / 1_000 }
}

test('events come at the wanted pace from the first minute on, each when it happens, in order', async () => {
  const { events, seconds } = await live()
  assert.ok(seconds >= 600 && seconds < 601)
  assert.ok(events.length > 5_400 && events.length < 6_600, `${events.length} events in ten minutes`)
  const first = events.filter(({ value }) => value.occurredAt < START + 60_000)
  assert.ok(first.length > 450 && first.length < 750, `${first.length} in the first minute`)
  assert.ok(events.every((event, i) => i === 0 || event.value.occurredAt >= (events[i - 1]?.value.occurredAt ?? 0)))
  assert.equal(new Set(events.map(({ value }) => value.eventId)).size, events.length)
  assert.ok(new Set(events.map(({ kind }) => kind)).size === 4)
})

test('the signal ends it', async () => {
  const stop = new AbortController()
  setImmediate(() => stop.abort())
  const options = { eventsPerMinute: 60, seed: 1, signal: stop.signal }
  let batches = 0
  for await (const batch of liveShopEvents(options)) batches += batch.length >= 0 ? 1 : 0
  assert.ok(batches >= 1)
})

test('an incident happens live too', async () => {
  const start = START + 120_000
  const added = (all: readonly ShopEvent[]) =>
    all.filter(
      (event) =>
        event.kind === 'cart-change' && event.value.occurredAt >= start && event.value.occurredAt < start + 60_000,
    )
  const usual = await live({ durationSeconds: 240 })
  const burst = await live({ durationSeconds: 240, incidents: [{ kind: 'bot-burst', start, end: start + 60_000 }] })
  assert.ok(added(burst.events).length > 5 * added(usual.events).length)
})
