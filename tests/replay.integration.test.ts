import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import avsc from 'avsc'
import { kafkaBroker } from '#engine/broker'
import type { PartitionPlan } from '#engine/replay'
import { ObjectStore } from '../sinks/s3/index.ts'
import { type Installation, install, type Outcome, until } from './installation.ts'
import { type DayOfDepartment, revenuePerDay } from './retail-truth.ts'

const IMPORTED = ['2017-06-01', '2017-06-10'] as const
/** What is replayed: the second to the seventh of June. */
const RANGE = ['--from', '2017-06-02', '--to', '2017-06-08'] as const
const SOURCE = 'retail.purchase-lines.v1'
const NAME = 'retail-revenue-per-day'
const PARTITIONS = [0, 1, 2, 3]

const expectCode = (outcome: Outcome, code: number): Outcome => {
  assert.equal(outcome.code, code, `${outcome.out}\n${outcome.err}`)
  return outcome
}

test('a replay, half from Kafka and half from S3, killed once, takes the place of what is live and gives it back', {
  timeout: 600_000,
}, async (t) => {
  await using kappa = await install()
  const broker = kafkaBroker({ brokers: [...kappa.stack.addresses.kafka.brokers], clientId: 'test' })
  await using _ = { [Symbol.asyncDispose]: () => broker.close() }
  expectCode(await kappa.run('schemas', 'register'), 0)
  kappa.start('run', 'processor', NAME)
  kappa.start('sink', 'run', 'clickhouse')
  // Small objects, so that the range is many of them.
  kappa.start('sink', 'run', 's3', '--rows', '4000', '--age', '2 seconds')
  expectCode(await kappa.run('import', 'retail', '--from', IMPORTED[0], '--to', IMPORTED[1]), 0)
  const truth = await revenuePerDay(...IMPORTED)
  await live(kappa, truth)
  await until(
    () => kappa.run('verify', '--topic', SOURCE, '--json'),
    ({ code }) => code === 0,
    120_000,
  )
  const replay = (...args: string[]): Promise<Outcome> => kappa.run('replay', ...args)

  const traffic = kappa.start('produce', 'shop', '--mode', 'stream', '--events-per-minute', '600')
  const ends = await broker.admin.committedEnds(SOURCE)
  await broker.admin.truncate(
    PARTITIONS.map((partition) => ({ topic: SOURCE, partition, offset: (ends[partition] ?? 0) >> 1 })),
  )

  await t.test('without the archive the range is refused, with the offsets that are gone', async () => {
    const { err } = expectCode(await replay('plan', NAME, ...RANGE, '--source', 'kafka'), 2)
    assert.match(err, /offsets \d+ to \d+ are neither in Kafka/)
  })

  await t.test('the plan reads both', async () => {
    const plan = JSON.parse(expectCode(await replay('plan', NAME, ...RANGE, '--json'), 0).out)
    assert.ok(plan.fromArchive > 1_000 && plan.fromKafka > 1_000, JSON.stringify(plan))
    assert.match(expectCode(await replay('run', NAME, ...RANGE, '--dry-run'), 0).out, /archive 0–/)
    assert.deepEqual(JSON.parse(expectCode(await replay('status', '--json'), 0).out), [])
  })

  await t.test('killed, interrupted, run again: it goes on', async () => {
    const first = kappa.start('replay', 'run', NAME, ...RANGE, '--rate', '6000/s')
    await until(
      // Its topics are just being made: the broker may not lead them yet.
      () => positions(kappa).catch(() => 0),
      (positions) => positions > 0,
      60_000,
    )
    first.child.kill('SIGKILL')
    await first.ended
    const reached = await positions(kappa)
    const second = kappa.start('replay', 'run', NAME, ...RANGE, '--rate', '6000/s')
    await until(
      () => positions(kappa),
      (positions) => positions > reached + 3,
      60_000,
    )
    second.child.kill('SIGINT')
    expectCode(await second.ended, 4)
    expectCode(await replay('promote', NAME), 5)
    const { out } = expectCode(await replay('run', NAME, ...RANGE), 0)
    assert.match(out, /going on with v2/)
    assert.match(expectCode(await replay('run', NAME, ...RANGE), 5).err, /v2 of this range is finished/)
  })

  await t.test('no row differs', async () => {
    expectCode(await replay('promote', NAME), 3)
    const { out } = expectCode(await replay('verify', NAME, 'v2'), 0)
    const days = [...truth.keys()].filter((key) => key >= '2017-06-02' && key < '2017-06-08').length
    assert.match(out, new RegExp(`^${days} rows compared, 0 differ`))
  })

  await t.test('a row that was altered is told from the others, and refuses promotion', async () => {
    const table = 'retail.revenue_per_day__v2'
    const [[department, start] = ['', '']] = await kappa.rows<[string, string]>(
      `SELECT department, toString(windowStart) FROM ${table} ORDER BY department, windowStart LIMIT 1`,
    )
    const alter = (by: string) =>
      kappa.rows(
        `INSERT INTO ${table} SELECT * REPLACE (revenue ${by} AS revenue, _version + 1 AS _version) FROM ${table} FINAL WHERE department = '${department}' AND windowStart = '${start}' SETTINGS insert_deduplicate = 0`,
      )
    await alter('+ 1').catch((thrown: unknown) => assert.match(String(thrown), /JSON/))
    const { out } = expectCode(await replay('verify', NAME, 'v2'), 3)
    assert.match(out, /, 1 differ/)
    assert.match(out, new RegExp(`department=${department}.*revenue: live`))
    expectCode(await replay('promote', NAME), 3)
    await alter('- 1').catch((thrown: unknown) => assert.match(String(thrown), /JSON/))
    expectCode(await replay('verify', NAME, 'v2'), 0)
  })

  await t.test('promotion: a reader sees only the old or only the new', async () => {
    await watching(kappa, () => replay('promote', NAME, 'v2'))
    await live(kappa, truth)
  })

  await t.test('the live sink goes on as the new generation', async () => {
    expectCode(await kappa.run('import', 'retail', '--from', '2017-06-11', '--to', '2017-06-12', '--late-ok'), 0)
    await live(kappa, await revenuePerDay(IMPORTED[0], '2017-06-12'))
    const came = await kappa.rows(
      `SELECT DISTINCT _generation FROM retail.revenue_per_day WHERE windowStart >= '2017-06-11 04:00:00'`,
    )
    assert.deepEqual(
      came.map(([generation]) => Number(generation)),
      [2],
    )
  })

  await t.test('rolled back: the old rows and those that came since', async () => {
    await watching(kappa, () => replay('rollback', NAME))
    await live(kappa, await revenuePerDay(IMPORTED[0], '2017-06-12'))
  })

  await t.test('an archive with one value altered ends in 3, names the row, refuses promotion', async () => {
    const place = await alterArchive(kappa)
    const { err } = expectCode(await replay('run', NAME, ...RANGE, '--source', 's3'), 3)
    assert.ok(
      err.includes(place.object) && err.includes(`the row of offset ${place.offset} is not as it was written`),
      err,
    )
    assert.ok(err.includes(`${SOURCE}[${place.partition}]`), err)
    expectCode(await replay('verify', NAME), 3)
    for (const flags of [[], ['--force']]) expectCode(await replay('promote', NAME, ...flags), 5)
    expectCode(await replay('cancel', NAME), 0)
    const topics = [...(await broker.admin.topics()).keys()]
    assert.deepEqual(
      topics.filter((name) => /-g4\.|\.g4$/.test(name)),
      [],
    )
  })
  traffic.child.kill('SIGINT')
  await traffic.ended
})

/** Waits until the live table shows exactly these sums. */
async function live(kappa: Installation, truth: ReadonlyMap<string, DayOfDepartment>): Promise<void> {
  const query = `SELECT formatDateTime(windowStart, '%F', 'America/New_York') || '|' || department AS key,
    lines, units, toString(revenue * 100) FROM retail.revenue_per_day_latest ORDER BY key`
  const rows = await until(
    () => kappa.rows<[string, string, string, string]>(query).catch(() => []),
    (found) => found.length >= truth.size,
    120_000,
  )
  const found = rows.map(([key, lines, units, cents]) => [
    key,
    { lines: Number(lines), units: Number(units), cents: Number(cents) },
  ])
  assert.deepEqual(new Map(found as [string, DayOfDepartment][]), new Map([...truth].sort()))
}

/** Offsets that the first stage of v2 has passed, by its commits. */
async function positions(kappa: Installation): Promise<number> {
  const broker = kafkaBroker({ brokers: [...kappa.stack.addresses.kafka.brokers], clientId: 'test' })
  try {
    const topic = `${NAME}-g2.source.changelog`
    if (!(await broker.admin.topics()).has(topic)) return 0
    return (await broker.admin.committedEnds(topic)).reduce((sum, end) => sum + end, 0)
  } finally {
    await broker.close()
  }
}

/** Reads the range's rows again and again meanwhile: each time those of one generation alone and whole, first of one, then of the other. */
async function watching(kappa: Installation, work: () => Promise<Outcome>): Promise<void> {
  const query = `SELECT arrayStringConcat(arraySort(groupUniqArray(toString(_generation))), '+'), count()
    FROM retail.revenue_per_day FINAL WHERE windowStart >= '2017-06-02 04:00:00' AND windowStart < '2017-06-08 04:00:00'`
  const seen = new Set<string>()
  const counts = new Set<string>()
  let over = false
  const look = async () => {
    const [[generations, count] = ['', 0]] = await kappa.rows<[string, number]>(query)
    seen.add(generations)
    counts.add(String(count))
  }
  const reading = (async () => {
    while (!over) await look()
  })()
  const outcome = await work()
  await look()
  over = true
  await reading
  expectCode(outcome, 0)
  assert.equal(counts.size, 1)
  const tables = "SELECT name, comment FROM system.tables WHERE database = 'retail' AND name LIKE 'revenue_per_day%'"
  assert.deepEqual([...seen].sort(), ['1', '2'], `${outcome.out} ${JSON.stringify(await kappa.rows(tables))}`)
}

/** Changes one value in an object that the plan reads, as somebody would who knows the format but not the hash. */
async function alterArchive(kappa: Installation) {
  const plan = JSON.parse((await kappa.run('replay', 'plan', NAME, ...RANGE, '--source', 's3', '--json')).out) as {
    readonly partitions: readonly PartitionPlan[]
  }
  const read = plan.partitions.find(({ topic, partition }) => topic === SOURCE && partition === 1)
  const objects = read?.segments.flatMap(({ range }) => range ?? []) ?? []
  const range = objects[objects.length >> 1]
  assert.ok(range)
  const store = new ObjectStore(kappa.stack.addresses.s3)
  const rows: { offset: number; value: Buffer }[] = []
  let type: avsc.Type | undefined
  const decoder = new avsc.streams.BlockDecoder().on('metadata', (read: avsc.Type) => {
    type = read
  })
  for await (const row of Readable.from([await store.get(range.object)]).pipe(decoder)) rows.push(row)
  const row = rows[rows.length >> 1]
  assert.ok(type && row)
  // The body begins with the household; one bit more in it is another one.
  row.value[0] = (row.value[0] ?? 0) ^ 2
  const parts: Buffer[] = []
  for await (const part of Readable.from(rows).pipe(new avsc.streams.BlockEncoder(type))) parts.push(part)
  await store.put(range.object, Buffer.concat(parts), 'application/avro')
  store.close()
  return { object: range.object, partition: range.partition, offset: Number(row.offset) }
}
