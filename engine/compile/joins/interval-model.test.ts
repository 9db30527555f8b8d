import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Bench } from '../bench-fixture.ts'
import { NEW_YEAR } from '../trade-fixture.ts'
import { order, orders, pairing, pairs, payment, payments, type Terms } from './pairs-fixture.ts'

/** What the join means, said naively: every event beside every other one, in the order taken. */
interface Event {
  readonly left: boolean
  readonly name: string
  readonly shop: string
  readonly at: number
}
interface Seen extends Event {
  matched: boolean
  /** Given up, or never kept. */
  gone: boolean
}
type Line = readonly [left: string | null, right: string | null, at: number]

function modelled({ kind, before, after, grace }: Terms, events: readonly Event[], end: number): Line[] {
  const lines: Line[] = []
  const seen: Seen[] = []
  let now = Number.NEGATIVE_INFINITY
  const keep = (left: boolean) => grace + (left ? after + Math.max(before, 0) : before + Math.max(after, 0))
  const wait = (left: boolean) => grace + (left ? after : before)
  const alone = (one: Event): Line => (one.left ? [one.name, null, one.at] : [null, one.name, one.at])
  const rowAlone = (left: boolean) => kind === 'outer' || (kind === 'left' && left)
  const giveUp = () => {
    const due = seen.filter((one) => !one.gone && !one.matched && rowAlone(one.left) && one.at + wait(one.left) < now)
    const until = (one: Seen) => one.at + wait(one.left)
    due.sort(
      (a, b) =>
        until(a) - until(b) || Number(b.left) - Number(a.left) || (a.shop < b.shop ? -1 : a.shop > b.shop ? 1 : 0),
    )
    for (const one of due) {
      one.gone = true
      lines.push(alone(one))
    }
  }
  for (const event of events) {
    now = Math.max(now, event.at)
    giveUp()
    const own: Seen = { ...event, matched: false, gone: false }
    const partners = seen.filter((other) => {
      const [left, right] = event.left ? [event, other] : [other, event]
      const fits = other.left !== event.left && other.shop === event.shop
      const near = right.at >= left.at - before && right.at <= left.at + after
      return fits && near && !other.gone && other.at + keep(other.left) >= now
    })
    for (const other of partners.sort((a, b) => a.at - b.at)) {
      const at = Math.max(event.at, other.at)
      lines.push(event.left ? [event.name, other.name, at] : [other.name, event.name, at])
      other.matched = true
      own.matched = true
    }
    if (!own.matched && rowAlone(own.left) && own.at + wait(own.left) < now) {
      lines.push(alone(own))
      own.gone = true
    }
    seen.push(own)
  }
  now = Math.max(now, end)
  giveUp()
  return lines
}

/** The order in which a task takes slices: heads by (time, topic). */
function inOrder(slices: readonly (readonly Event[])[]): Event[] {
  return slices.flatMap((slice) => {
    const heads = [slice.filter(({ left }) => left), slice.filter(({ left }) => !left)]
    const taken: Event[] = []
    for (;;) {
      const [left, right] = [heads[0]?.[0], heads[1]?.[0]]
      const next = left && (!right || left.at <= right.at) ? left : right
      if (!next) return taken
      heads[next.left ? 0 : 1]?.shift()
      taken.push(next)
    }
  })
}

const anEvent = fc.record({
  left: fc.boolean(),
  shop: fc.constantFrom('north', 'south', 'east'),
  at: fc.integer({ min: 0, max: 60 }),
})
const terms = fc
  .record({
    kind: fc.constantFrom('inner' as const, 'left' as const, 'outer' as const),
    before: fc.integer({ min: -5, max: 15 }),
    after: fc.integer({ min: -5, max: 15 }),
    grace: fc.integer({ min: 0, max: 10 }),
  })
  .filter(({ before, after }) => before + after >= 0)
const cut = fc.record({
  take: fc.integer({ min: 1, max: 6 }),
  fate: fc.constantFrom('commit', 'crash', 'compact', 'go on'),
})
const END = 1000

test('any events in any order, slices, commits, crashes and snapshots: the rows of the naive join', async () => {
  await fc.assert(
    fc.asyncProperty(
      terms,
      fc.array(anEvent, { maxLength: 40 }),
      fc.array(cut, { maxLength: 25 }),
      async (join, some, cuts) => {
        const events: Event[] = some.map((event, n) => ({ ...event, name: `e${n}` }))
        const bench = await Bench.of(pairing(join))
        for (const { left, name, shop, at } of events) {
          if (left) bench.write(orders, order(name, at, shop))
          else bench.write(payments, payment(name, at, shop))
        }
        const [task] = bench.tasks
        assert.ok(task)
        const sides = [events.filter(({ left }) => left), events.filter(({ left }) => !left)]
        const slices: Event[][] = []
        const take = async (most: number) => {
          const from = task.taken
          await bench.take(task, most)
          slices.push(sides.flatMap((side, n) => side.slice(from[n] ?? 0, task.taken[n])))
        }
        let kept = 0
        for (const { take: most, fate } of cuts) {
          await take(most)
          if (fate === 'go on') continue
          if (fate === 'crash') {
            bench.crash(task)
            slices.splice(kept)
            continue
          }
          bench.commit(task)
          kept = slices.length
          if (fate === 'compact') {
            bench.compact(task)
            bench.crash(task)
          }
        }
        await take(events.length + 1)
        bench.commit(task)
        bench.advance({ time: NEW_YEAR + END, reason: 'idle' })
        bench.commit(task)
        const got = bench.rows(pairs).map(({ orderId, paymentId, at }): Line => [orderId, paymentId, at - NEW_YEAR])
        assert.deepEqual(got, modelled(join, inOrder(slices), END))
        assert.ok(task.stage.stateEntries === 0, `${task.stage.stateEntries} entries are kept`)
      },
    ),
    { numRuns: 400 },
  )
})
