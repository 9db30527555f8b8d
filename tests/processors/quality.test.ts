import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'csv-parse/sync'
import { compile } from '#engine/compile'
import { names } from '#engine/runtime'
import type { Topic } from '#engine/schema'
import { type Driven, drive, testClock } from '#engine/testing'
import type { Plan } from '#engine/topology'
import {
  catalogueItems,
  customers,
  interactions,
  orderedProducts,
  orderRows,
  type QualityFigures,
  quality,
  webActions,
} from '#schemas'
import { rejectedOf } from '../../cli/commands/quality/rejected.ts'
import { temporaryFolder } from '../../deploy/local/temporary.ts'
import { cleaning } from '../../processors/cleaning/index.ts'
import qualityPlan from '../../processors/quality.ts'
import { landingPlace, shippedSources } from '../../producers/connectors/files/landing-fixture.ts'
import { type Flaw, flawKindsOf } from '../../producers/world/files/flaws.ts'
import { FilesWriter } from '../../producers/world/files/index.ts'
import { domains, hoursOf, World } from '../../producers/world/index.ts'
import { orderedProductsRules } from '../../schemas/silver/ordered-products.rules.ts'
import { webActionsRules } from '../../schemas/silver/web-actions.rules.ts'

const START = Date.UTC(2025, 0, 1)
const SETTINGS = {
  ...{ seed: 5, start: START, eventsPerDay: 8_000, initialCustomers: 200 },
  ...{ frequency: 'daily' as const, incidents: [] },
}

/** What the staging folder is made of, and what it refers to. */
const staged = domains.filter(({ name }) => ['web', 'crm', 'inventory'].includes(name))

type Place = Awaited<ReturnType<typeof landingPlace>>

/** Runs a plan over what is in the place's broker, to its end. */
async function runPlan(place: Place, plan: Plan): Promise<Driven> {
  const topics = [...new Set([...plan.inputs.map(({ topic }) => topic), plan.destination])]
  const schemaIds = new Map<string, number>()
  for (const topic of topics) schemaIds.set(topic.name, await place.registry.idOf(topic))
  const clock = testClock()
  const driven = await drive(
    {
      ...{ app: 'test', processor: plan.name, generation: 1, stages: compile(plan) },
      ...{ results: [plan.destination.name], schemaIds, registry: place.registry },
    },
    { broker: place.broker, partitions: 4, clock },
  )
  await driven.run()
  clock.advance(60_000)
  await driven.run()
  const { deployment } = driven
  for (const topic of [names.late(deployment), names.deadLetter(deployment)])
    assert.equal(driven.read(topic).length, 0, `${topic} is empty`)
  await driven.close()
  return driven
}

const valuesOf = <V>(place: Place, topic: Topic<V>): V[] =>
  place.broker.committed(topic.name).map(({ value }) => topic.decode((value ?? Buffer.alloc(5)).subarray(5)))

async function write<V>(place: Place, topic: Topic<V>, values: readonly V[]): Promise<void> {
  const id = await place.registry.idOf(topic)
  for (const value of values)
    place.broker.write({ topic: topic.name, key: Buffer.from(topic.keyOf(value)), value: topic.frame(id, value) })
}

/** What the staging folder holds and which cells of it are not what they should be, as the world wrote it down. */
interface Truth {
  readonly lines: number
  /** Flaws, each with the cell that stands there. */
  readonly flaws: readonly (Flaw & { readonly cell: string })[]
}

function truthOf(folder: string, stem: string): Truth {
  const flaws = (parse(readFileSync(join(folder, 'truth/flaws.csv')), { columns: true }) as Record<string, string>[])
    .filter(({ file }) => file?.startsWith(stem))
    .map((flaw) => ({ ...flaw, line: Number(flaw.line) }) as unknown as Flaw)
  const files = readdirSync(join(folder, dirname(stem)))
    .map((name) => join(dirname(stem), name))
    .filter((name) => name.startsWith(stem))
  const isJson = files[0]?.endsWith('.json') === true
  const texts = new Map(files.map((file) => [file, readFileSync(join(folder, file), 'utf8')]))
  const rows = new Map(
    [...texts].map(([file, text]) => [
      file,
      isJson
        ? (JSON.parse(text) as Record<string, string>[])
        : (parse(text, { columns: true }) as Record<string, string>[]),
    ]),
  )
  // the first row of CSV is line 2, the first element of JSON too
  const cellOf = ({ file, line, column }: Flaw): string => rows.get(file)?.[line - 2]?.[column] ?? ''
  return {
    lines: [...rows.values()].reduce((sum, all) => sum + all.length, 0),
    flaws: flaws.map((flaw) => ({ ...flaw, cell: cellOf(flaw) })),
  }
}

const countOf = <T>(all: readonly T[], which: (one: T) => boolean): number => all.filter(which).length

/** Figures of a source's topic, summed over the latest row of every hour. */
function sumOf(rows: readonly QualityFigures[], topic: string) {
  const hours = new Map<number, QualityFigures>()
  for (const row of rows) if (row.topic === topic) hours.set(row.windowStart, row)
  const sum = (figure: keyof QualityFigures) =>
    [...hours.values()].reduce((total, row) => total + Number(row[figure]), 0)
  return {
    hours: hours.size,
    records: sum('records'),
    duplicates: sum('duplicates'),
    wantedCells: sum('wantedCells'),
    missingCells: sum('missingCells'),
    flaggedRecords: sum('flaggedRecords'),
    outliers: sum('outliers'),
    unknowns: sum('unknowns'),
  }
}

test('the report of a flawed staging folder equals what the world wrote down of its flaws', async (t) => {
  const folder = temporaryFolder(t)
  const place = await landingPlace(folder)
  const flaws = { kinds: flawKindsOf('missing,outliers,dates,duplicates'), ratio: 0.5 }
  const writer = new FilesWriter({ folder: place.staging, settings: SETTINGS, flaws })
  const world = new World(SETTINGS)
  for (const { hour, events } of hoursOf(world, { domains: staged, start: START, days: 2, tables: true })) {
    writer.write(events, hour)
    for (const { topic, value } of events) {
      if (topic.name === catalogueItems.name) await write(place, catalogueItems, [value as never])
      if (topic.name === customers.name) await write(place, customers, [value as never])
    }
  }
  writer.close()
  const [staging] = shippedSources()
  assert.ok(staging?.name === 'staging')
  await place.ingest(staging)

  for (const rules of [orderedProductsRules, webActionsRules]) await runPlan(place, cleaning(rules))
  await runPlan(place, qualityPlan)
  const figures = valuesOf(place, quality)
  const rejected = await rejectedOf(place.broker, [orderRows.name, interactions.name])

  // Every column of an order row is required: an empty one is no event. So is a negative price or quantity.
  const orders = truthOf(place.staging, 'Staging/orders')
  const ofKind = (kind: Flaw['kind'], list: Truth) => list.flaws.filter((flaw) => flaw.kind === kind)
  const negative = countOf(ofKind('outliers', orders), ({ cell }) => cell.startsWith('-'))
  const large = ofKind('outliers', orders).length - negative
  const refused = ofKind('missing', orders).length + negative
  assert.ok(Math.min(negative, large, ofKind('dates', orders).length, ofKind('duplicates', orders).length) > 3)
  assert.equal(rejected.get(orderRows.name), refused)
  const { hours: orderHours, ...ordered } = sumOf(figures, orderRows.name)
  const records = orders.lines - refused
  assert.deepEqual(ordered, {
    records,
    duplicates: ofKind('duplicates', orders).length,
    wantedCells: records * 7,
    missingCells: 0,
    flaggedRecords: large,
    outliers: large,
    unknowns: 0,
  })
  assert.ok(orderHours > 24)

  // In the interaction log cells may be empty; which should not be, depends on what was done.
  const log = truthOf(place.staging, 'Staging/interactions')
  const required = ['session_id', 'user_id', 'timestamp']
  const unread = countOf(ofKind('missing', log), ({ column }) => required.includes(column))
  const events = valuesOf(place, interactions)
  assert.equal(rejected.get(interactions.name), unread)
  const { hours: _hours, wantedCells, ...acted } = sumOf(figures, interactions.name)
  const below = countOf(ofKind('outliers', log), ({ cell }) => cell.startsWith('-'))
  assert.deepEqual(acted, {
    records: log.lines - unread,
    duplicates: ofKind('duplicates', log).length,
    missingCells: countOf(ofKind('missing', log), ({ column }) => ['page', 'order_id', 'amount'].includes(column)),
    flaggedRecords: below,
    outliers: below,
    unknowns: 0,
  })
  assert.ok(acted.missingCells > 3 && acted.duplicates > 3)
  const purchases = countOf(events, ({ type }) => type === 'PURCHASE')
  assert.equal(wantedCells, events.length * 5 + purchases)

  // the clean topics have one identity a line, duplicates or not
  const identities = new Set(
    valuesOf(place, orderedProducts).map(({ orderId, productId }) => `${orderId} ${productId}`),
  )
  assert.equal(identities.size, records - ofKind('duplicates', orders).length)
  const actions = valuesOf(place, webActions)
  assert.equal(actions.length, log.lines - unread)
  assert.equal(
    countOf(actions, ({ told }) => told === 'AGAIN'),
    ofKind('duplicates', log).length,
  )
})

test('freshness is from event time to record time; a late file changes the figures of its own hour', async (t) => {
  const place = await landingPlace(temporaryFolder(t))
  const rows = (count: number, arrivedAt: number, at: number) =>
    Array.from({ length: count }, (_, n) => ({
      ...{ orderId: `o-${at}-${n}`, productId: 'p-1', customerId: 'c-1', category: 'toys', quantity: 1, unitPrice: 1n },
      ...{ currency: 'EUR', placedAt: at, flags: [], source: 'crm', sources: ['crm'], copies: 1, wanted: 7 },
      ...{ told: 'FIRST' as const, findings: [], arrivedAt },
    }))
  await write(place, orderedProducts, rows(2, START + 10_000, START))
  await write(place, orderedProducts, rows(1, START + 400 * 86_400_000, START + 399 * 86_400_000))
  await write(place, orderedProducts, rows(2, START + 401 * 86_400_000, START + 60_000))
  await runPlan(place, qualityPlan)
  const hours = new Map(valuesOf(place, quality).map((row) => [row.windowStart, row]))
  assert.equal(hours.size, 2)
  const first = hours.get(START)
  const age = 401 * 86_400 - 60
  assert.deepEqual(
    [first?.records, first?.meanAgeSeconds, first?.maxAgeSeconds, first?.completeness, first?.uniqueness],
    [4, (2 * 10 + 2 * age) / 4, age, 1, 1],
  )
  assert.equal(hours.get(START + 399 * 86_400_000)?.maxAgeSeconds, 86_400)
})
