import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { kafkaBroker } from '#engine/broker'
import { checkpointsTopic } from '#engine/ingest'
import { type Figures, measuredTopics } from '../cli/commands/quality/figures.ts'
import type { SourceReport } from '../cli/commands/verify/counts.ts'
import { temporaryFolder } from '../deploy/local/temporary.ts'
import { originText } from '../producers/connectors/origin.ts'
import { flawKindsOf } from '../producers/world/files/flaws.ts'
import { FilesWriter } from '../producers/world/files/index.ts'
import { domains, hoursOf, World } from '../producers/world/index.ts'
import { ruleSets } from '../schemas/rule-sets.ts'
import { routes } from '../sinks/index.ts'
import { ObjectStore } from '../sinks/s3/index.ts'
import { type Installation, install, until } from './installation.ts'
import { foundText, kills } from './kills.ts'

const START = Date.UTC(2025, 0, 1)
const KILLS = kills(4)
/** Of a day; enough that every kill finds it at work. */
const EVENTS_PER_DAY = 5_000 * KILLS
const SOURCES = ['staging', 'web', 'crm', 'advertising', 'ventes']
/** What makes silver of these, and its figures. */
const MASKS = ['masked-customers', 'masked-clients', 'masked-purchases']
const CLEANERS = [
  ...MASKS,
  ...ruleSets.filter(({ sources }) => sources.some(({ name }) => SOURCES.includes(name))).map(({ name }) => name),
  'quality',
]

/** Files of two days, flawed as files are; lines by source. */
function writeFiles(folder: string): void {
  const settings = {
    ...{ seed: 11, start: START, eventsPerDay: EVENTS_PER_DAY, initialCustomers: 400 },
    ...{ frequency: 'daily' as const, incidents: [] },
  }
  const writer = new FilesWriter({ folder, settings, flaws: { kinds: flawKindsOf('all'), ratio: 0.01 } })
  for (const { hour, events } of hoursOf(new World(settings), { domains, start: START, days: 2, tables: true }))
    writer.write(events, hour)
  writer.close()
}

const verified = async (
  kappa: Installation,
): Promise<SourceReport & { readonly equal: boolean; readonly code: number | null }> => {
  const { out, code, err } = await kappa.run('verify', ...SOURCES.flatMap((name) => ['--source', name]), '--json')
  assert.ok(out !== '', err)
  return { ...(JSON.parse(out) as SourceReport & { equal: boolean }), code }
}

/** Whether the table of an arrival's topic, where it has one, has come to it. */
const isInTable = ({ topic, found, stores }: SourceReport['arrivals'][number]): boolean =>
  found.events === 0 ||
  !routes.some((route) => route.clickhouse && route.topic.name === topic) ||
  stores.some(({ store, behind }) => store === 'clickhouse' && behind === 0)

/** What the silver rules say of files that arrived, beside what arrived. */
async function judged(kappa: Installation, { arrivals }: SourceReport): Promise<void> {
  kappa.start('run', 'processor', ...CLEANERS)
  const arrived = new Map<string, { events: number; dead: number }>()
  for (const { topic, found } of arrivals) {
    const sum = arrived.get(topic) ?? { events: 0, dead: 0 }
    arrived.set(topic, { events: sum.events + found.events, dead: sum.dead + found.deadLetters })
  }
  const told = async () => {
    const { out, err } = await kappa.run('quality', '--json')
    assert.ok(out !== '', err)
    return JSON.parse(out) as { figures: Figures[]; short: unknown[] }
  }
  const { figures } = await until(
    told,
    ({ figures }) =>
      measured.every(({ topic, rawTopic }) => {
        const found = figures.find((one) => one.topic === topic)
        return found?.records === arrived.get(rawTopic)?.events && found?.rejected === arrived.get(rawTopic)?.dead
      }),
    90_000,
  )
  for (const { topic, duplicates, records, uniqueness } of figures) {
    assert.ok(duplicates < records / 20, `${topic}: ${duplicates} of ${records}`)
    assert.equal(uniqueness, 1 - duplicates / records)
  }
  // whoever counts in the raw table what is there twice finds as many
  const twice = `SELECT count() - uniqExact(customerId, orderId, productId) FROM electronics.order_rows`
  const [[again] = []] = await kappa.rows<[string]>(twice)
  assert.equal(figures.find(({ topic }) => topic === 'electronics.order-rows.v1')?.duplicates, Number(again))
  const one = `SELECT count() - uniqExact(customerId, orderId, productId), countIf(length(sources) = 2), countIf(copies > 2)
    FROM silver.ordered_products_latest`
  const [[more, merged, copies] = []] = await kappa.rows<[string, string, string]>(one)
  assert.equal(Number(more), 0)
  assert.ok(Number(merged) > 100 && Number(copies) > 0, `${merged} merged, ${copies} with copies`)
  const checked = await kappa.run('quality', '--check', '--source', 'staging')
  const below = figures.some(({ source, validity }) => source === 'staging' && (validity ?? 1) < 0.98)
  assert.equal(checked.code, below ? 1 : 0, checked.out)
}

/** Topics of the sources that came, and have rules. */
const measured = measuredTopics.filter(({ source }) => SOURCES.includes(source))

test('the files connector is killed again and again: every line is there once, in Kafka and ClickHouse', {
  timeout: 240_000 + KILLS * 40_000,
}, async (t) => {
  const folder = temporaryFolder(t)
  writeFiles(folder)
  await using kappa = await install()
  const registered = await kappa.run('schemas', 'register')
  assert.equal(registered.code, 0, registered.err)
  kappa.start('sink', 'run', 'clickhouse')
  const ingest = ['ingest', 'files', '--in', folder, ...SOURCES.flatMap((name) => ['--source', name]), '--json']
  const broker = kafkaBroker({ brokers: kappa.stack.addresses.kafka.brokers })
  t.after(() => broker.close())
  const committed = async () => (await broker.admin.committedEnds(checkpointsTopic.name).catch(() => [0]))[0] ?? 0
  let killed = 0
  for (let kill = 1; kill <= KILLS; kill++) {
    const before = await committed()
    const { child, ended } = kappa.start(...ingest)
    let running = true
    const over = ended.then(() => (running = false))
    // somewhere in its work: behind its first transaction, then anywhere
    while (running && (await committed()) <= before) await new Promise((resolve) => setTimeout(resolve, 20))
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 700))
    if (child.kill('SIGKILL') && running) killed++
    await over
  }
  assert.ok(killed >= KILLS / 2, `killed ${killed} times in its work`)
  const last = await kappa.run(...ingest)
  assert.equal(last.code, 0, last.err)

  const inStores = await until(
    () => verified(kappa),
    ({ arrivals }) => arrivals.every(isInTable),
    60_000,
  )
  assert.deepEqual([inStores.code, inStores.equal, inStores.unbalanced, inStores.unfinished], [0, true, [], []])
  const sum = (each: (one: SourceReport['arrivals'][number]) => number) =>
    inStores.arrivals.reduce((all, one) => all + each(one), 0)
  const [lines, events, dead] = [
    sum((one) => one.lines),
    sum((one) => one.found.events),
    sum((one) => one.found.deadLetters),
  ]
  t.diagnostic(foundText('files', { kills: killed, events, deadLetters: dead }))
  assert.equal(lines, events + dead)
  assert.ok(dead > 100 && lines > 50_000)
  const counted = inStores.arrivals
    .flatMap(({ stores }) => stores)
    .filter(({ store, found }) => store === 'clickhouse' && found !== undefined)
  assert.ok(counted.length > 5, 'rows were counted in ClickHouse')

  await t.test('the report of quality has every event and every reject, and each clean table one row an identity', () =>
    judged(kappa, inStores),
  )

  const name = 'data/raw/crm/orders_2025-01-01.csv'
  const traced = await kappa.run('trace', 'file', name, '--source', 'crm', '--line', '5', '--json')
  assert.equal(traced.code, 0, traced.err)
  const [trace] = JSON.parse(traced.out) as {
    original: string
    sha256: string
    line: { partition: number; offset: number }[]
  }[]
  const objects = new ObjectStore(kappa.stack.addresses.s3)
  t.after(() => objects.close())
  const original = await objects.get(trace?.original.replace(/^s3:\/\/[^/]+\//, '') ?? '')
  assert.ok(original?.equals(readFileSync(join(folder, name))), 'the original is kept byte for byte')
  assert.equal(
    trace?.sha256,
    createHash('sha256')
      .update(original ?? '')
      .digest('hex'),
  )
  assert.equal(trace?.line.length, 1)

  // what is there twice is seen: an event with the name of a line that came in
  const producer = await broker.producer()
  const unit = trace.sha256.slice(0, 32)
  const header = originText({ source: 'files-crm', unit, line: 5, takenAt: START })
  await producer.send({
    topic: 'crm.orders.v1',
    key: null,
    value: Buffer.from('x'),
    headers: { 'kappa.origin': Buffer.from(header) },
  })
  await producer.flush()
  await producer.close()
  const spoilt = await verified(kappa)
  assert.equal(spoilt.code, 3)
  assert.deepEqual(
    spoilt.unbalanced.map(({ file, twice }) => [file, twice]),
    [['orders_2025-01-01.csv', 1]],
  )
})
