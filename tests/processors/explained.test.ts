import assert from 'node:assert/strict'
import { test } from 'node:test'
import { explainRow, settle } from '#engine/replay'
import type { AnyTopic } from '#engine/schema'
import type { Plan, Row } from '#engine/topology'
import { cartChanges, clicks, funnelPerMinuteCorrections, pageViews, purchases } from '#schemas'
import cartOutcomes from '../../processors/cart-outcomes.ts'
import funnel from '../../processors/funnel-per-minute.ts'
import trending from '../../processors/trending-products.ts'
import { generateShopEvents } from '../../producers/shop/index.ts'
import { type DrivenPlan, drivenPlan } from './driven.ts'

// Rows of other kinds of processors: four inputs, overlapping windows, typed state with timers.

const START = Date.UTC(2025, 0, 6)
const events = [...generateShopEvents({ start: START, days: 1, eventsPerDay: 4_000, seed: 4 })]
const of = (topic: AnyTopic): readonly Row[] =>
  events.flatMap(({ topic: own, value }) => (own.name === topic.name ? [value as unknown as Row] : []))

async function run(plan: Plan): Promise<DrivenPlan> {
  const driven = await drivenPlan(plan)
  for (const topic of new Set(plan.inputs.map((input) => input.topic))) driven.write(topic, of(topic))
  await driven.settle()
  return driven
}

const optionsOf = ({ driven }: DrivenPlan, plan: Plan) => {
  const { broker, deployment } = driven
  return { broker, archive: undefined, archiveLog: undefined, plan, deployment }
}
const rowsOf = (driven: DrivenPlan, plan: Plan): readonly Row[] => driven.rows<Row>(plan.destination)
const timeOf = (plan: Plan, row: Row): number => Number(row[plan.destination.contract.topic.time])

test('a step of the funnel is explained by events of four topics; nothing late leaves nothing to settle', async () => {
  const driven = await run(funnel)
  await driven.driven.deployment.registry.register(funnelPerMinuteCorrections)
  const rows = rowsOf(driven, funnel)
  const bought = rows.find(({ type }) => type === 'PURCHASE')
  assert.ok(bought)
  for (const row of [bought, rows.at(-1) ?? bought]) {
    const found = await explainRow({ ...optionsOf(driven, funnel), asked: { values: row, time: timeOf(funnel, row) } })
    assert.deepEqual([found.added, found.made], [{ events: row.events }, row])
    assert.equal(found.events.length, row.events)
  }
  const settled = await settle({ ...optionsOf(driven, funnel), corrections: funnelPerMinuteCorrections })
  assert.deepEqual([settled.late, settled.corrections, settled.read], [0, [], 0])
  await driven.driven.close()
})

test('overlapping windows: counts add up, lists of products are made again', async () => {
  const driven = await run(trending)
  const rows = rowsOf(driven, trending)
  const row = rows[Math.floor(rows.length / 2)]
  assert.ok(row)
  const found = await explainRow({
    ...optionsOf(driven, trending),
    asked: { values: row, time: timeOf(trending, row) },
  })
  assert.deepEqual([found.added, found.made], [{ events: row.events }, row])
  assert.ok(found.leftOut.every(({ reason }) => reason.startsWith('not counted: ')))
  await driven.driven.close()
})

test('a cart is explained by its visitor’s events up to what became of it', async () => {
  const driven = await run(cartOutcomes)
  const row = rowsOf(driven, cartOutcomes).find(({ outcome }) => outcome === 'BOUGHT')
  assert.ok(row)
  const asked = { values: row, time: timeOf(cartOutcomes, row) }
  const found = await explainRow({ ...optionsOf(driven, cartOutcomes), asked })
  assert.deepEqual(found.made, row)
  assert.ok(found.events.some(({ topic }) => topic === purchases.name))
  assert.ok(found.events.every(({ eventTime }) => eventTime <= asked.time))
  const visitors = [...of(cartChanges), ...of(purchases)].filter(({ visitorId }) => visitorId === row.visitorId)
  assert.equal(found.events.length, visitors.filter(({ occurredAt }) => Number(occurredAt) <= asked.time).length)
  await driven.driven.close()
})

test('the topics that these read have events', () => {
  for (const topic of [pageViews, clicks, cartChanges, purchases]) assert.ok(of(topic).length > 0, topic.name)
})
