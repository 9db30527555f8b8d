import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AnyTopic } from '#engine/schema'
import {
  type AdCampaign,
  type AdClick,
  type AdSpend,
  adCampaigns,
  adClicks,
  adReports,
  adSpend,
  adVisits,
  catalogueItems,
  checkouts,
  codes,
  codeUses,
  type MaskedPurchase,
  maskedPurchases,
  redemptions,
  type StockMovement,
  stockChanges,
  stockMovements,
} from '#schemas'
import { cleaning } from '../../processors/cleaning/index.ts'
import { domains, eventsOf, World } from '../../producers/world/index.ts'
import type { CleanColumns } from '../../schemas/rules.ts'
import { adReportsRules } from '../../schemas/silver/ad-reports.rules.ts'
import { adVisitsRules } from '../../schemas/silver/ad-visits.rules.ts'
import { checkoutsRules } from '../../schemas/silver/checkouts.rules.ts'
import { codeUsesRules } from '../../schemas/silver/code-uses.rules.ts'
import { stockChangesRules } from '../../schemas/silver/stock-changes.rules.ts'
import { DAY, item, latest, START } from './cleaning-fixture.ts'
import { drivenPlan } from './driven.ts'

const campaign = (campaignId: string): AdCampaign => ({
  ...{ campaignId, name: `campaign ${campaignId}`, channel: 'SEARCH', country: 'DE', dailyBudget: 1_000n },
  ...{ startsAt: START, endsAt: START + 30 * DAY, bookedAt: START - DAY },
})

test('a report of advertising that says otherwise corrects the earlier one, unless it is worse; the same again is a duplicate', async () => {
  const plan = await drivenPlan(cleaning(adReportsRules))
  plan.write(adCampaigns, [campaign('a-1')])
  await plan.settle()
  const report: AdSpend = {
    ...{ campaignId: 'a-1', channel: 'SEARCH', country: 'DE', impressions: 900, clicks: 9, spend: 450n },
    ...{ periodStart: START, periodEnd: START + DAY },
  }
  const next = { ...report, periodStart: START + DAY, periodEnd: START + 2 * DAY }
  plan.write(adSpend, [
    report,
    report,
    { ...report, clicks: 12, spend: 600n },
    { ...report, clicks: 12, spend: 60_000n },
    { ...next, clicks: 901 },
    { ...next, campaignId: 'a-9' },
  ])
  await plan.settle()
  assert.equal(plan.refused(), 0)
  const rows = plan.rows(adReports)
  const first = rows.filter(({ campaignId, periodStart }) => campaignId === 'a-1' && periodStart === START)
  assert.deepEqual(
    first.map(({ told, clicks, spend, findings }) => [told, clicks, spend, findings]),
    [
      ['FIRST', 9, 450n, []],
      ['AGAIN', 9, 450n, []],
      ['CHANGED', 12, 600n, []],
      ['CHANGED', 12, 600n, ['outlier:spend']],
    ],
  )
  const found = latest(rows, ['campaignId', 'periodStart'])
  const told = (key: string) => {
    const { campaignName, currency, flags } = found.get(key) ?? assert.fail(key)
    return [campaignName, currency, flags]
  }
  assert.deepEqual(told(`a-1|${START}`), ['campaign a-1', 'EUR', []])
  assert.deepEqual(told(`a-1|${START + DAY}`), ['campaign a-1', 'EUR', ['outlier:clicks']])
  assert.deepEqual(told(`a-9|${START + DAY}`), ['unknown', 'EUR', ['unknown:campaignId']])
  await plan.driven.close()
})

test('a click outside the days of its campaign, or at the price of a hundred, is flagged and kept', async () => {
  const plan = await drivenPlan(cleaning(adVisitsRules))
  plan.write(adCampaigns, [campaign('a-1')])
  await plan.settle()
  const click = (clickId: string, change: Partial<AdClick> = {}): AdClick => ({
    ...{ clickId, campaignId: 'a-1', channel: 'SEARCH', country: 'DE', visitorId: 'v-1', cost: 45n },
    ...{ clickedAt: START + DAY },
    ...change,
  })
  plan.write(adClicks, [
    click('k-1'),
    click('k-1'),
    click('k-2', { cost: 4_500n }),
    click('k-3', { clickedAt: START + 30 * DAY }),
    click('k-4', { campaignId: 'a-9' }),
  ])
  await plan.settle()
  const found = latest(plan.rows(adVisits), ['clickId'])
  assert.deepEqual([found.get('k-1')?.copies, found.get('k-1')?.told, found.get('k-1')?.flags], [2, 'AGAIN', []])
  assert.deepEqual(found.get('k-2')?.flags, ['outlier:cost'])
  assert.deepEqual(found.get('k-3')?.flags, ['outlier:clickedAt'])
  assert.deepEqual(found.get('k-4')?.flags, ['unknown:campaignId'])
  await plan.driven.close()
})

test('a refused checkout says why; amounts are judged in their currency', async () => {
  const plan = await drivenPlan(cleaning(checkoutsRules))
  const checkout = (eventId: string, change: Partial<MaskedPurchase> = {}): MaskedPurchase => ({
    ...{ eventId, sessionId: 's-1', visitorId: 'v-1', customerId: 'c-1', country: 'JP', device: 'MOBILE' },
    ...{ orderId: 'o-1', status: 'PAID', amount: 40_000_00n, currency: 'JPY', items: 1, paymentMethod: 'CARD' },
    ...{ refusalReason: null, emailPseudonym: null, ipPrefix: '10.0.0.0/24', city: 'Kyoto', occurredAt: START },
    ...change,
  })
  plan.write(maskedPurchases, [
    checkout('e-1'),
    checkout('e-2', { currency: 'EUR', amount: 40_000_00n }),
    checkout('e-3', { status: 'REFUSED' }),
    checkout('e-4', { status: 'REFUSED', refusalReason: 'card-expired', currency: 'XAU', items: 200 }),
    checkout('e-5', { amount: 0n }),
  ])
  await plan.settle()
  const found = latest(plan.rows(checkouts), ['checkoutId'])
  const flags = ['e-1', 'e-2', 'e-3', 'e-4', 'e-5'].map((id) => found.get(id)?.flags)
  assert.deepEqual(flags, [
    [],
    ['outlier:amount'],
    ['missing:refusalReason'],
    ['outlier:items', 'unknown:currency'],
    ['outlier:amount'],
  ])
  assert.equal(found.get('e-3')?.wanted, 9)
  assert.equal(found.get('e-1')?.wanted, 8)
  await plan.driven.close()
})

test('a code has an influencer or nobody; pieces go the way of their reason', async () => {
  const uses = await drivenPlan(cleaning(codeUsesRules))
  uses.write(codes, [{ code: 'ANNA10', influencerId: 'i-1', discountPercent: 10, validFrom: START }])
  await uses.settle()
  const use = { orderId: 'o-1', customerId: 'c-1', discount: 500n, currency: 'EUR', redeemedAt: START + DAY }
  uses.write(redemptions, [
    { ...use, redemptionId: 'r-1', code: 'ANNA10' },
    { ...use, redemptionId: 'r-2', code: 'BOB', discount: 200_000_00n },
    { ...use, redemptionId: 'r-3', code: 'ANNA10', redeemedAt: START - DAY },
  ])
  await uses.settle()
  const used = latest(uses.rows(codeUses), ['redemptionId'])
  const told = ['r-1', 'r-2', 'r-3'].map((id) => [used.get(id)?.influencerId, used.get(id)?.flags])
  assert.deepEqual(told, [
    ['i-1', []],
    ['unknown', ['unknown:code', 'outlier:discount']],
    ['unknown', ['unknown:code']],
  ])
  await uses.driven.close()

  const stock = await drivenPlan(cleaning(stockChangesRules))
  stock.write(catalogueItems, [item('p-1', 1000n)])
  await stock.settle()
  const move = (movementId: string, change: Partial<StockMovement>): StockMovement => ({
    ...{ movementId, productId: 'p-1', warehouse: 'Lyon', reason: 'SALE', quantity: -1, orderId: 'o-1' },
    ...{ movedAt: START + DAY },
    ...change,
  })
  stock.write(stockMovements, [
    move('m-1', {}),
    move('m-2', { quantity: 1 }),
    move('m-3', { reason: 'RECEIPT', quantity: 20, orderId: null }),
    move('m-4', { reason: 'RETURN', quantity: 1, orderId: null }),
    move('m-5', { reason: 'RECEIPT', quantity: 20_000, orderId: null, productId: 'p-9' }),
  ])
  await stock.settle()
  const moved = latest(stock.rows(stockChanges), ['movementId'])
  const judged = ['m-1', 'm-2', 'm-3', 'm-4', 'm-5'].map((id) => [moved.get(id)?.category, moved.get(id)?.flags])
  assert.deepEqual(judged, [
    ['toys', []],
    ['toys', ['outlier:quantity']],
    ['toys', []],
    ['toys', ['missing:orderId']],
    ['unknown', ['unknown:productId', 'outlier:quantity']],
  ])
  await stock.driven.close()
})

test('what the made-up world tells is in order by these rules', async () => {
  const settings = { seed: 3, start: START, eventsPerDay: 3_000, initialCustomers: 200, frequency: 'daily' as const }
  const world = new World({ ...settings, incidents: [] })
  const views = domains.filter(({ name }) => ['ads', 'influencers', 'inventory'].includes(name))
  const events = [...eventsOf(world, { domains: views, start: START, days: 12, tables: true })].flat()
  for (const [rules, table] of [
    [adReportsRules, adCampaigns],
    [adVisitsRules, adCampaigns],
    [codeUsesRules, codes],
    [stockChangesRules, catalogueItems],
  ] as const) {
    const plan = await drivenPlan(cleaning(rules))
    const of = (topic: AnyTopic) => events.filter((event) => event.topic.name === topic.name).map(({ value }) => value)
    plan.write(table as AnyTopic, of(table as AnyTopic))
    await plan.settle()
    const [source] = rules.sources
    assert.ok(source)
    const told = of(source.topic)
    plan.write(source.topic, told)
    await plan.settle()
    const rows = plan.rows(rules.to) as readonly CleanColumns[]
    assert.ok(told.length > 3, rules.name)
    assert.equal(rows.length, told.length)
    const flagged = rows.filter(({ flags, told }) => flags.length > 0 || told !== 'FIRST')
    assert.deepEqual(flagged, [], rules.name)
    await plan.driven.close()
  }
})
