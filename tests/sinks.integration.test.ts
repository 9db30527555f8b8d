import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { createClient } from '@clickhouse/client'
import { type Broker, kafkaBroker } from '#engine/broker'
import { cutHistoryTopic } from '#engine/delivery'
import { type AnyTopic, connectRegistry, tableOf } from '#engine/schema'
import { identities, type MaskedClick, maskedClicks, searches } from '#schemas'
import { cacheFolder } from '../deploy/config.ts'
import { type RunningStack, startStack } from '../deploy/local/index.ts'
import { BronzeArchive, ObjectStore } from '../sinks/s3/index.ts'

// Both sinks as processes of their own on the real stack, killed at moments that chance picks, and ClickHouse with them.

const ROWS = 30_000
const dataFolder = mkdtempSync(join(tmpdir(), 'kappa-sinks-'))
const kappa = new URL('../cli/kappa.mjs', import.meta.url).pathname
const running = new Set<ChildProcess>()
let stack: RunningStack
let broker: Broker

before(async () => {
  stack = await startStack({
    dataFolder,
    cacheFolder: cacheFolder(),
    ports: 'free',
    services: ['kafka', 'registry', 'clickhouse', 's3'],
  })
  broker = kafkaBroker({ brokers: stack.addresses.kafka.brokers })
})
after(async () => {
  for (const child of running) child.kill('SIGKILL')
  await broker?.close()
  await stack?.stop()
  rmSync(dataFolder, { recursive: true, force: true })
})

function start(...args: string[]): ChildProcess {
  const child = spawn(process.execPath, [kappa, ...args], {
    env: { ...process.env, KAPPA_DATA: dataFolder, KAPPA_REDIS_URL: 'redis://127.0.0.1:9' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  running.add(child)
  child.once('exit', () => running.delete(child))
  return child
}

async function answer(...args: string[]): Promise<{ code: number | null; text: string }> {
  const child = start(...args)
  const parts: Buffer[] = []
  child.stdout?.on('data', (part: Buffer) => parts.push(part))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, text: Buffer.concat(parts).toString() }
}

const sink = (name: string, age: string): ChildProcess =>
  start('sink', 'run', name, '--topic', maskedClicks.name, '--rows', '1000', '--age', age)

/** Sends examples of a topic; acknowledged when it resolves. */
async function send(topic: AnyTopic, from: number, to: number): Promise<void> {
  const registry = connectRegistry({ url: stack.addresses.registry.url })
  const schemaId = await registry.register(topic)
  await registry.close()
  const producer = await broker.producer()
  for (let i = from; i < to; i++) {
    const value = exampleOf(topic, i)
    await producer.send({
      topic: topic.name,
      key: Buffer.from(topic.keyOf(value)),
      value: topic.frame(schemaId, value),
    })
  }
  await producer.flush()
  await producer.close()
}

/** Any value of the contract, whatever its fields are. */
function exampleOf(topic: AnyTopic, i: number): MaskedClick {
  const fields = topic.contract.fields.map(({ name, type, nullable }) => {
    if (nullable) return [name, null]
    if (type.kind === 'enum') return [name, type.symbols[0]]
    if (type.kind === 'timestamp') return [name, 1_735_689_600_000 + i * 1_000]
    if (type.kind === 'string') return [name, `${name}-${i}`]
    return [name, type.kind === 'decimal' ? BigInt(i) : type.kind === 'boolean' ? false : i]
  })
  return Object.fromEntries(fields) as MaskedClick
}

/** Rows of a table, how many are distinct by place, and how many by event; nothing where there is no such table. */
const counted = async (table: string): Promise<string> =>
  (await lines(`SELECT count(), uniqExact(_partition, _offset), uniqExact(eventId) FROM ${table}`))[0] ?? ''

/** Records on the cut logs of both sinks: grows with every cut that is done. */
async function cutsDone(): Promise<number> {
  const topics = await broker.admin.topics()
  let done = 0
  for (const name of ['clickhouse', 's3'].map(cutHistoryTopic))
    if (topics.has(name)) done += (await broker.admin.committedEnds(name))[0] ?? 0
  return done
}

interface Verified {
  readonly equal: boolean
  readonly findings: readonly {
    store: string
    equal?: boolean
    note?: string
    expected: { rows: number }
    found: { rows: number }
  }[]
}

test('killed ten times at random moments, ClickHouse once too: every row is in ClickHouse and S3 once', async () => {
  await broker.admin.ensure([{ name: maskedClicks.name, partitions: 4, settings: { 'retention.ms': '-1' } }])
  const sinks = [
    { name: 'clickhouse', age: '50 milliseconds' },
    { name: 's3', age: '200 milliseconds' },
  ] as const
  const producing = (async () => {
    for (let from = 0; from < ROWS; from += 1_000) {
      await send(maskedClicks, from, from + 1_000)
      await pause(250)
    }
  })()
  for (let round = 0; round < 5; round++) {
    const before = await cutsDone()
    const children = sinks.map(({ name, age }) => sink(name, age))
    for (let waited = 0; waited < 20_000 && (await cutsDone()) === before; waited += 100) await pause(100)
    await pause(Math.random() * 1_500)
    if (round === 2) await stack.kill('clickhouse', 'SIGKILL')
    for (const child of children) {
      assert.deepEqual([child.exitCode, child.signalCode], [null, null], 'it ran until it was killed')
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    if (round === 2) await stack.start('clickhouse')
  }
  await producing
  const last = sinks.map(({ name, age }) => sink(name, age))
  const complete = async (): Promise<Verified> => JSON.parse((await answer('verify', '--json')).text) as Verified
  let verified = await complete()
  const whole = () => verified.findings.filter(({ found }) => found.rows === ROWS).length === 4
  for (let tries = 0; tries < 20 && !whole(); tries++) {
    await pause(500)
    verified = await complete()
  }
  assert.deepEqual(
    verified.findings.map(({ store, expected, found, equal }) => [store, expected.rows, found.rows, equal]),
    ['clickhouse', 's3 bronze', 's3 silver', 'clickhouse and s3'].map((store) => [store, ROWS, ROWS, true]),
  )
  const ends = Promise.all(last.map(async (child) => (await once(child, 'exit'))[0]))
  for (const child of last) assert.ok(child.kill('SIGTERM'))
  const codes = await ends
  assert.deepEqual(codes, [0, 0], 'a sink that is asked to stop ends well')

  assert.equal(await counted('shop.masked_clicks'), `${ROWS}\t${ROWS}\t${ROWS}`)
  assert.deepEqual((await broker.admin.topics()).get(`${maskedClicks.name}.clickhouse.dead-letter`), undefined)
})

/** From the acknowledgement of the last rows until they may be read: an age, and what a loaded machine takes for a cut. */
const SLACK_MS = 4_000

test("a quiet topic's last rows are in both stores within the age bound, once, although both sinks are killed", async () => {
  await broker.admin.ensure([{ name: searches.name, partitions: 2, settings: { 'retention.ms': '-1' } }])
  const archive = new BronzeArchive(new ObjectStore(stack.addresses.s3))
  const stored = {
    clickhouse: async () => Number((await counted('shop.searches')).split('\t')[0]),
    s3: async () => (await archive.ranges(searches.name)).reduce((sum, { count }) => sum + count, 0),
  }
  const ages = { clickhouse: 500, s3: 1_500 }
  // Rows and bytes of a cut at their defaults, far from what a quiet topic has: only the age can decide one.
  const startBoth = () =>
    (['clickhouse', 's3'] as const).map((name) =>
      start('sink', 'run', name, '--topic', searches.name, '--age', `${ages[name]} milliseconds`),
    )
  /** Milliseconds until a store has so many rows. */
  const until = async (name: 'clickhouse' | 's3', rows: number): Promise<number> => {
    const began = performance.now()
    while ((await stored[name]()) < rows) {
      assert.ok(performance.now() - began < 30_000, `${rows} rows in ${name}`)
      await pause(50)
    }
    return performance.now() - began
  }
  const both = (rows: number) => Promise.all([until('clickhouse', rows), until('s3', rows)])
  let children = startBoth()
  await send(searches, 0, 5)
  await both(5)
  await pause(1_000)
  await send(searches, 5, 8)
  const [inClickHouse, inS3] = await both(8)
  assert.ok(inClickHouse < ages.clickhouse + SLACK_MS, `ClickHouse after ${inClickHouse} ms`)
  assert.ok(inS3 < ages.s3 + SLACK_MS, `S3 after ${inS3} ms`)

  await send(searches, 8, 10)
  await pause(250)
  for (const child of children) {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  children = startBoth()
  await both(10)
  assert.equal(await counted('shop.searches'), '10\t10\t10')
  const { code, text } = await answer('verify', '--topic', searches.name, '--deep', '--json')
  assert.equal(code, 0, text)
  for (const child of children) {
    child.kill('SIGTERM')
    assert.equal((await once(child, 'exit'))[0], 0)
  }
})

test('verification of values names the column and the place of a row that somebody altered', async () => {
  const verified = async () => {
    const { code, text } = await answer('verify', '--values', 'all', '--json')
    const findings = (JSON.parse(text.slice(0, text.lastIndexOf('}') + 1)) as Verified).findings
    return { code, text, values: findings.find(({ store }) => store === 'clickhouse values') }
  }
  const clean = await verified()
  assert.deepEqual([clean.code, clean.values?.equal, clean.values?.expected.rows], [0, true, ROWS], clean.text)
  const { database, name } = tableOf(maskedClicks)
  const client = createClient({ ...stack.addresses.clickhouse })
  await client.command({
    query: `ALTER TABLE ${database}.${name} UPDATE sessionId = 'altered' WHERE _partition = 0 AND _offset = 7`,
    clickhouse_settings: { mutations_sync: '2' },
  })
  const altered = await verified()
  assert.equal(altered.code, 3)
  assert.match(altered.values?.note ?? '', /1 rows differ, first \[0\]@7: sessionId \(/)

  // The table is made anew from what the sink read: killed in the midst of it, again, and then it is as it was.
  await client.command({
    query: `ALTER TABLE ${database}.${name} DELETE WHERE _partition = 1`,
    clickhouse_settings: { mutations_sync: '2' },
  })
  await client.close()
  const rebuild = ['sink', 'rebuild', 'clickhouse', '--topic', maskedClicks.name] as const
  const killed = start(...rebuild, '--json')
  await Promise.race([pause(2_200), once(killed, 'exit')])
  killed.kill('SIGKILL')
  const rebuilt = await answer(...rebuild, '--json')
  assert.equal(rebuilt.code, 0, rebuilt.text)
  assert.equal(await counted('shop.masked_clicks'), `${ROWS}\t${ROWS}\t${ROWS}`)
  const good = await verified()
  assert.deepEqual([good.code, good.values?.equal], [0, true], good.text)
})

/** The lines that a statement answers with; none where it fails. */
async function lines(query: string): Promise<readonly string[]> {
  const { url, username, password } = stack.addresses.clickhouse
  const response = await fetch(`${url}/?query=${encodeURIComponent(query)}`, {
    headers: { Authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` },
  })
  return response.ok ? (await response.text()).trimEnd().split('\n') : []
}

test('a table whose rows replace one another, with rows lost and deleted ones back, is made anew beneath its sink', async () => {
  await broker.admin.ensure([{ name: identities.name, partitions: 2, settings: { 'retention.ms': '-1' } }])
  const registry = connectRegistry({ url: stack.addresses.registry.url })
  const schemaId = await registry.register(identities)
  await registry.close()
  const producer = await broker.producer()
  const link = async (visitor: number, customer: string | null, linkedAt = 1_735_689_600_000) => {
    const about = { visitorId: `v${visitor}`, evidence: 'SIGNED_IN', sessionId: 's', linkedAt } as const
    const value = customer === null ? null : Buffer.from(identities.frame(schemaId, { ...about, customerId: customer }))
    await producer.send({ topic: identities.name, key: Buffer.from(about.visitorId), value })
  }
  const shown = () => lines('SELECT visitorId, customerId FROM marketing.identities_latest ORDER BY visitorId')
  const until = async (row: string, present: boolean): Promise<void> => {
    await producer.flush()
    for (let waited = 0; (await shown()).includes(row) !== present; waited += 50) {
      assert.ok(waited < 30_000, `${row} ${present ? 'never shows' : 'is still there'}`)
      await pause(50)
    }
  }
  const running = start('sink', 'run', 'clickhouse', '--topic', identities.name, '--age', '100 milliseconds')
  for (let i = 0; i < 200; i++) await link(i % 40, `c${i}`)
  for (const visitor of [0, 8, 16]) await link(visitor, null)
  // Refused by the table, not by the schema: the row before it stays the latest.
  await link(39, 'refused', -9_000_000_000_000)
  await link(38, 'last')
  await until('v38\tlast', true)
  await until('v0\tc160', false)
  await until('v39\tc199', true)
  const good = await shown()
  assert.equal(good.length, 37)

  const client = createClient({ ...stack.addresses.clickhouse })
  await client.command({
    query: "ALTER TABLE marketing.identities DELETE WHERE _deleted = 1 OR customerId IN ('c195', 'c196', 'last')",
    clickhouse_settings: { mutations_sync: '2' },
  })
  await client.command({ query: 'OPTIMIZE TABLE marketing.identities FINAL' })
  await client.close()
  assert.notDeepEqual(await shown(), good)

  const rebuild = async (...more: string[]) => {
    const { code, text } = await answer('sink', 'rebuild', 'clickhouse', '--topic', identities.name, '--json', ...more)
    assert.equal(code, 0, text)
    return JSON.parse(text) as { rows?: number; refused?: number; compared?: readonly { equal: boolean }[] }
  }
  const { rows, refused, compared } = await rebuild()
  assert.deepEqual([rows, refused, compared?.map(({ equal }) => equal)], [37, 1, [true]])
  assert.deepEqual(await shown(), good)
  const verified = await answer('verify', '--topic', identities.name)
  assert.equal(verified.code, 0, verified.text)

  await link(38, 'newer')
  await link(1, null)
  await until('v38\tnewer', true)
  await until('v1\tc161', false)
  await rebuild('--rollback')
  const before = await shown()
  assert.deepEqual(
    ['v38\tnewer', 'v1\tc161', 'v35\tc195'].map((row) => before.includes(row)),
    [true, false, false],
    'the table of before, with what came since',
  )
  await producer.close()
  running.kill('SIGTERM')
  assert.equal((await once(running, 'exit'))[0], 0)
})

test('deep verification opens every object: one altered archive ends in exit 3 and is named', async () => {
  const verify = ['verify', '--topic', maskedClicks.name, '--deep'] as const
  const clean = await answer(...verify, '--json')
  assert.equal(clean.code, 0, clean.text)
  const store = new ObjectStore(stack.addresses.s3)
  const [first, second] = await store.list(`bronze/${maskedClicks.name}/`)
  assert.ok(first && second)
  await store.put(first.key, (await store.get(second.key)) ?? Buffer.alloc(0), 'application/avro')
  store.close()
  const altered = await answer(...verify)
  assert.equal(altered.code, 3)
  assert.match(
    altered.text,
    new RegExp(`s3 bronze .*DIFFERENT +missing or altered: .*${first.key.replaceAll('.', '\\.')}`),
  )
})
