import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CutLog } from '#engine/delivery'
import { inputTopics, planReplay, runReplay } from '#engine/replay'
import { generationTopic } from '#engine/runtime'
import type { AnyTopic } from '#engine/schema'
import { systemClock } from '#engine/time'
import { joinsOf } from '#engine/topology'
import { type PurchaseLine, purchaseLines } from '#schemas'
import { MemoryStore } from '../../engine/delivery/delivery-fixture.ts'
import { processors } from '../../processors/index.ts'
import { domains, eventsOf, World } from '../../producers/world/index.ts'
import { drivenPlan } from './driven.ts'

// What was live is what a replay of the same range by the same code gives: byte for byte, key by key, in order, on the
// in-memory broker. In the order of what reads what, each on what those before it published.

const START = Date.UTC(2025, 0, 6)
const HOUR = 3_600_000
const [from, to] = [START + 10 * HOUR, START + 36 * HOUR]
const NAMES = [
  ...['visitor-clicks', 'identities', 'touches', 'customer-touches', 'order-touches'],
  ...['sessions', 'trending-products', 'stock-alerts', 'delay-by-weather'],
  ...['basket-products', 'related-products'],
]
/** Stock hardly ever falls that low within two days. */
const MAY_BE_EMPTY = new Set(['stock-alerts'])

/** Its rows of one key come from several tasks: each row is the same, which of them is written first is not. */
const IN_NO_ORDER = new Set(['basket-products'])

const world = new World({
  seed: 7,
  start: START,
  eventsPerDay: 900,
  initialCustomers: 120,
  frequency: 'daily',
  incidents: [],
})
const known = new Map<string, unknown[]>()
for (const events of eventsOf(world, { domains, start: START, days: 2, tables: true }))
  for (const { topic, value } of events) known.set(topic.name, [...(known.get(topic.name) ?? []), value])

/** Two days of a store: a basket every five minutes, one to six of forty products, some of them more often than others. */
const lines = Array.from({ length: 576 }, (_, basketId) =>
  Array.from(
    { length: 1 + (basketId % 6) },
    (_, n): PurchaseLine => ({
      ...{
        householdId: basketId % 50,
        storeId: 1,
        basketId,
        productId: (basketId * 7 + n * n * 3) % 40,
        quantity: 1,
        week: 2,
      },
      ...{ salesValue: 100n, retailDiscount: 0n, couponDiscount: 0n, couponMatchDiscount: 0n },
      purchasedAt: START + basketId * 300_000,
    }),
  ),
)
known.set(purchaseLines.name, lines.flat())

for (const name of NAMES)
  test(`${name}: a replay gives what was live`, async () => {
    const plan = processors.map((one) => one.plan).find((one) => one.name === name)
    assert.ok(plan)
    const live = await drivenPlan(plan, { seed: 3 })
    const sources = [...plan.inputs.map(({ topic }) => topic), ...joinsOf(plan).map(({ table }) => table.topic)]
    for (const topic of sources) live.write<unknown>(topic, known.get(topic.name) ?? [])
    live.driven.crashAt('commit', 4)
    await live.settle()
    // Whoever took over after a crash in the silence waits for silence once more.
    await live.settle()
    known.set(plan.destination.name, live.rows<unknown>(plan.destination))

    const { broker, deployment } = live.driven
    const cuts = new CutLog({ sink: 'memory', broker, clock: systemClock })
    const request = {
      ...{ processor: name, topic: plan.destination.name, version: plan.version, source: 'auto' as const },
      ...{ from, to },
    }
    const replay = await planReplay(plan, request, { broker, archive: undefined, archiveLog: undefined })
    await runReplay({
      ...{ broker, archive: undefined, archiveLog: undefined, plan: replay, live: deployment, generation: 2 },
      ...{
        inputs: inputTopics(plan),
        topic: plan.destination,
        destination: new MemoryStore(),
        cuts,
        clock: systemClock,
      },
    })
    await cuts.close()
    const ordered = !IN_NO_ORDER.has(name)
    const made = rowsOf(plan.destination, broker.committed(plan.destination.name), ordered)
    const again = rowsOf(plan.destination, broker.committed(generationTopic(plan.destination.name, 2)), ordered)
    assert.deepEqual(again, made)
    if (!MAY_BE_EMPTY.has(name)) assert.ok(made.size > 0, 'nothing was compared')
    await live.driven.close()
  })

/** Of the range, by key and in order, as bytes. */
function rowsOf(
  topic: AnyTopic,
  records: readonly { readonly key: Buffer | null; readonly value: Buffer | null }[],
  ordered: boolean,
) {
  const rows = new Map<string, string[]>()
  for (const { key, value } of records) {
    if (value === null) continue
    const time = Number(
      (topic.decode(value.subarray(5)) as Readonly<Record<string, unknown>>)[topic.contract.topic.time],
    )
    if (time < from || time >= to) continue
    rows.set(String(key), [...(rows.get(String(key)) ?? []), value.toString('base64')])
  }
  if (!ordered) for (const own of rows.values()) own.sort()
  return new Map([...rows].sort(([a], [b]) => (a < b ? -1 : 1)))
}
