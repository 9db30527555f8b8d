import assert from 'node:assert/strict'
import { test } from 'node:test'
import { notFollowed, processor } from '#engine'
import { at, contract, opened, type Page, timeOf } from './page-fixture.ts'

/*
 * 11. A without B
 *
 * A visitor puts something into a cart and leaves. Nothing tells us: what we look for is an event that does not come.
 * `notFollowed` waits for it in event time, so that the answer is the same live, in a replay, and after a crash.
 */
interface CartEvent {
  readonly eventId: string
  readonly visitor: string
  readonly what: string
  readonly product: string
  readonly happenedAt: number
}
const cartEvents = contract<CartEvent>(
  'shop.cart-events.v1',
  { key: 'visitor', time: 'happenedAt' },
  { eventId: 'text', visitor: 'text', what: 'text', product: 'text', happenedAt: 'time' },
)
interface AbandonedCart {
  readonly visitor: string
  readonly product: string
  readonly addedAt: number
  readonly abandonedAt: number
}
const abandonedCarts = contract<AbandonedCart>(
  'shop.abandoned-carts.v1',
  { key: 'visitor', time: 'abandonedAt', id: ['visitor', 'abandonedAt'] },
  { visitor: 'text', product: 'text', addedAt: 'time', abandonedAt: 'time' },
)

/*
 * As a sentence: of one visitor, something added that no order (and, `of: 'last'`, no other addition) follows within thirty
 * minutes; events may be a minute late. Browsers send some events twice, so those are dropped first: of events with one
 * key and one id that are at most an hour apart, the first passes.
 */
const plan = processor('abandoned-carts', ({ from }) =>
  from(cartEvents, { idleAfter: '10 seconds' })
    .deduplicate({ by: ['eventId'], within: '1 hour' })
    .keyBy('visitor')
    .process(
      notFollowed({
        name: 'cart',
        reads: ['what', 'product'],
        starts: ({ what }) => what === 'added',
        ends: ({ what }) => what === 'ordered',
        of: 'last',
        within: '30 minutes',
        grace: '1 minute',
        make: ({ key, event, startedAt, endedAt }) => ({
          visitor: key.visitor,
          product: event.product,
          addedAt: startedAt,
          abandonedAt: endedAt,
        }),
      }),
    )
    .to(abandonedCarts),
)

const event = (visitor: string, what: 'added' | 'ordered', time: string, product = ''): CartEvent => ({
  eventId: `${visitor} ${what} ${time}`,
  visitor,
  what,
  product,
  happenedAt: at(time),
})
const story: readonly CartEvent[] = [
  // Ann's phone was offline: her order came before the addition that it follows.
  event('ann', 'ordered', '12:12:00'),
  event('ann', 'added', '12:11:30', 'tea'),
  // Bob adds twice and leaves: one cart, counted from the last addition. His browser sent that twice.
  event('bob', 'added', '12:15:00', 'tea'),
  event('bob', 'added', '12:20:00', 'cake'),
  event('bob', 'added', '12:20:00', 'cake'),
  // Cleo orders, but an hour later.
  event('cleo', 'added', '12:20:00', 'jam'),
  event('cleo', 'ordered', '13:20:00'),
]
const told = [
  ['bob', 'cake', '12:20:00', '12:50:00'],
  ['cleo', 'jam', '12:20:00', '12:50:00'],
]
const shown = (page: Page) =>
  page
    .rows(abandonedCarts)
    .map(({ visitor, product, addedAt, abandonedAt }) => [visitor, product, timeOf(addedAt), timeOf(abandonedAt)])

test('an addition that no order followed is told once, when nothing can follow it in time any more', async () => {
  const page = await opened(plan)
  page.write(cartEvents, ...story)
  await page.run()
  assert.deepEqual(shown(page), told)
  assert.equal(page.late().length, 0)
})

test('the same after a crash in mid-story, at every step of a commit', async () => {
  for (const step of [1, 2, 3, 4]) {
    const page = await opened(plan, { seed: step })
    page.driven.crashAt('commit', step)
    page.write(cartEvents, ...story.slice(0, 4))
    await page.run()
    page.write(cartEvents, ...story.slice(4))
    await page.run()
    assert.equal(page.driven.crashes, 1)
    assert.deepEqual(shown(page), told)
  }
})
