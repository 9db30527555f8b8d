import assert from 'node:assert/strict'
import { test } from 'node:test'
import { install, type Running, until } from './installation.ts'
import { revenuePerDay } from './retail-truth.ts'

const FROM = '2017-06-01'
const TO = '2017-06-14'
/** The day before, which comes when its windows are closed. */
const BEFORE = '2017-05-31'
const TABLE = 'retail.revenue_per_day'

/** Deterministic, so that a failure can be run again. */
function* choices(seed: number): Generator<number, never> {
  let state = seed
  for (;;) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    yield state / 0x7fffffff
  }
}

test('two weeks of retail arrive to the cent while processes are killed', { timeout: 600_000 }, async (t) => {
  await using kappa = await install()
  const registered = await kappa.run('schemas', 'register')
  assert.equal(registered.code, 0, registered.err)

  // As a supervisor does: whatever ends unasked is started again, the import until it is through.
  const workers = new Map<string, { readonly args: readonly string[]; running: Running }>()
  const reasons: string[] = []
  const startWorker = (name: string, ...args: string[]): void => {
    const running = kappa.start(...args)
    workers.set(name, { args, running })
    void running.ended.then(async ({ code, out, err }) => {
      reasons.push(`${name} ended with ${code}: ${(err || out).slice(-300)}`)
      if (code === 0 || workers.get(name)?.running !== running || kappa.closing) return
      await new Promise((resolve) => setTimeout(resolve, 500))
      if (workers.get(name)?.running === running && !kappa.closing) startWorker(name, ...args)
    })
  }
  startWorker('processor', 'run', 'processor', 'retail-revenue-per-day')
  startWorker('clickhouse', 'sink', 'run', 'clickhouse')
  startWorker('s3', 'sink', 'run', 's3')
  const importArgs = ['import', 'retail', '--from', FROM, '--to', TO] as const
  startWorker('import', ...importArgs)

  const random = choices(7)
  const next = (): number => random.next().value
  const victims = [
    'import',
    'processor',
    'clickhouse',
    's3',
    'kafka',
    'import',
    'processor',
    'clickhouse',
    's3',
    'kafka',
  ]
  for (const victim of victims) {
    await new Promise((resolve) => setTimeout(resolve, 500 + next() * 2_500))
    if (victim === 'kafka') {
      await kappa.stack.kill('kafka', 'SIGKILL')
      await kappa.stack.start('kafka')
      continue
    }
    const worker = workers.get(victim)
    if (worker === undefined) throw new Error(`no worker ${victim}`)
    worker.running.child.kill('SIGKILL')
    await worker.running.ended
    startWorker(victim, ...worker.args)
  }
  const importEnded = () => workers.get('import')?.running.child.exitCode === 0
  await until(
    async () => importEnded() || reasons.slice(-5),
    (ended) => ended === true,
    180_000,
  )

  const truth = await revenuePerDay(FROM, TO)
  const lines = [...truth.values()].reduce((sum, { lines }) => sum + lines, 0)
  const counted = async (): Promise<number> =>
    Number((await kappa.rows('SELECT count() FROM retail.purchase_lines').catch(() => []))[0]?.[0] ?? 0)
  await until(counted, (count) => count >= lines, 120_000).catch((late) =>
    assert.fail(`${late}\n${reasons.join('\n')}`),
  )

  const results = `SELECT formatDateTime(windowStart, '%F', 'America/New_York') || '|' || department AS key,
    lines, units, toString(revenue * 100) FROM retail.revenue_per_day_latest ORDER BY key`
  const rows = await until(
    async () => kappa.rows<[string, string, string, string]>(results).catch(() => []),
    (found) => found.length >= truth.size,
    120_000,
  ).catch(async (late) => {
    // What the processor says of itself is the first thing to know.
    const processor = workers.get('processor')?.running
    processor?.child.kill('SIGKILL')
    return assert.fail(`${late}\n${(await processor?.ended)?.out.slice(-6_000)}`)
  })
  await t.test('rows in ClickHouse', async () => {
    assert.equal(await counted(), lines)
    const [twice] = await kappa.rows(
      'SELECT count() FROM (SELECT householdId, basketId, productId, storeId, purchasedAt FROM retail.purchase_lines GROUP BY ALL HAVING count() > 1)',
    )
    assert.equal(Number(twice?.[0]), 0)
  })
  await t.test('revenue per day and department equals the data set', () => {
    const found = new Map(
      rows.map(([key, count, units, cents]) => [
        key,
        { lines: Number(count), units: Number(units), cents: Number(cents) },
      ]),
    )
    assert.deepEqual(new Map([...found].sort()), new Map([...truth].sort()))
  })
  await t.test('each result was published once', async () => {
    const [published] = await kappa.rows(
      'SELECT count(), uniqExact(department, windowStart) FROM retail.revenue_per_day',
    )
    assert.equal(Number(published?.[0]), Number(published?.[1]))
  })
  await t.test('Kafka, ClickHouse and S3 agree', async () => {
    const verified = await until(
      () => kappa.run('verify', '--json'),
      ({ code }) => code === 0,
      90_000,
    )
    assert.equal(verified.code, 0, verified.out)
  })
  await t.test('the days but for the last ones are said to be final', async () => {
    const done = await kappa.run('wait', 'retail.revenue_per_day', '--until', '2017-06-12', '--json')
    assert.equal(done.code, 0, done.err)
    const { completeUntil, onTheWay, behind, rejected } = JSON.parse(done.out)
    assert.deepEqual({ onTheWay, behind, rejected }, { onTheWay: 0, behind: 0, rejected: 0 })
    assert.ok(completeUntil <= Date.parse('2017-06-15T04:00:00Z'), `${completeUntil}`)
    const later = await kappa.run('wait', 'retail.revenue_per_day', '--until', '2017-08-01', '--timeout', '1 second')
    assert.equal(later.code, 1)
    assert.match(later.err, /1 s in vain: retail.revenue_per_day is complete until 2017-06-1/)
  })
  await t.test('a model of these lines is trained, published once and of what a household has not bought', async () => {
    const train = ['train', 'recommendations', '--to', TO, '--factors', '8', '--iterations', '2', '--json'] as const
    const first = await kappa.run(...train)
    assert.equal(first.code, 0, first.err)
    const { modelVersion, households, asOf, publishedBefore } = JSON.parse(first.out)
    assert.deepEqual([publishedBefore, asOf], [false, '2017-06-14T04:00:00.000Z'])
    const again = JSON.parse((await kappa.run(...train)).out)
    assert.deepEqual([again.publishedBefore, again.modelVersion], [true, modelVersion])
    const bought = `SELECT DISTINCT householdId, productId FROM retail.purchase_lines WHERE quantity > 0 AND purchasedAt < '${TO} 04:00:00'`
    const [known] = await kappa.rows(`SELECT uniqExact(householdId) FROM (${bought})`)
    assert.equal(households, Number(known?.[0]))
    await until(
      async () => Number((await kappa.rows('SELECT count() FROM retail.recommendations').catch(() => []))[0]?.[0] ?? 0),
      (count) => count >= households,
      60_000,
    )
    const [wrong] = await kappa.rows(
      `SELECT countIf(length(products) != 50 OR modelVersion != '${modelVersion}'), count(),
        (SELECT count() FROM (SELECT householdId, arrayJoin(products) AS productId FROM retail.recommendations) WHERE (householdId, productId) IN (${bought}))
      FROM retail.recommendations`,
    )
    assert.deepEqual(wrong?.map(Number), [0, households, 0])
    const parted = await kappa.run('train', 'segments', '--to', TO, '--json')
    assert.equal(parted.code, 0, parted.err)
    const segments = JSON.parse(parted.out)
    const all = Object.values<number>(segments.households).reduce((sum, count) => sum + count, 0)
    assert.ok(all >= households)
    const counted = `SELECT segment, count() FROM retail.household_segments WHERE modelVersion = '${segments.modelVersion}' GROUP BY segment`
    const rows = await until(
      () => kappa.rows(counted).catch(() => []),
      (found) => found.reduce((sum, [, count]) => sum + Number(count), 0) >= all,
      60_000,
    )
    assert.deepEqual(Object.fromEntries(rows.map(([name, count]) => [name, Number(count)])), segments.households)
    const early = await kappa.run('train', 'upsell', '--to', TO)
    assert.deepEqual([early.code, /118 days/.test(early.err)], [2, true], early.err)
  })
  await t.test('importing again changes nothing', async () => {
    const again = await kappa.run(...importArgs)
    assert.equal(again.code, 0, again.err)
    assert.match(again.out, /was imported before: nothing changed/)
    assert.equal(await counted(), lines)
  })
  await t.test('a figure is explained by its lines, which add up to it', async () => {
    const explained = await kappa.run('explain', TABLE, 'department=GROCERY', 'day=2017-06-03', '--json')
    assert.equal(explained.code, 0, explained.err)
    const { state, events, leftOut, columns } = JSON.parse(explained.out)
    const { lines, units, cents } = truth.get('2017-06-03|GROCERY') ?? assert.fail('the data set has that day')
    assert.deepEqual([state, events.length, leftOut], ['adds up', lines, []])
    const added = Object.fromEntries(columns.map((one: { column: string; added: unknown }) => [one.column, one.added]))
    assert.deepEqual([added.lines, added.units, added.revenue], [lines, units, (cents / 100).toFixed(2)])
    const none = await kappa.run('explain', TABLE, 'department=GROCERY', 'day=2017-09-01')
    assert.equal(none.code, 2, none.err)
  })
  await t.test('a day that comes too late settles itself, once', async () => {
    const late = await revenuePerDay(BEFORE, BEFORE)
    const imported = await kappa.run('import', 'retail', '--from', BEFORE, '--to', BEFORE, '--late-ok')
    assert.equal(imported.code, 0, imported.err)
    const lateLines = [...late.values()].reduce((sum, { lines }) => sum + lines, 0)
    const told = async () => JSON.parse((await kappa.run('complete', TABLE, '--json')).out)[0]
    await until(told, ({ late: many, behind }) => many >= lateLines && behind === 0, 60_000)
    const explained = await kappa.run('explain', TABLE, 'department=GROCERY', `day=${BEFORE}`, '--json')
    assert.equal(explained.code, 0, explained.err)
    const { events, leftOut, settled: open } = JSON.parse(explained.out)
    assert.deepEqual([events.length, leftOut.length], [0, late.get(`${BEFORE}|GROCERY`)?.lines])
    assert.deepEqual([open.state, open.corrections], ['waiting', []])
    const settled = await kappa.run('settle', TABLE, '--json')
    assert.equal(settled.code, 0, settled.err)
    assert.equal(JSON.parse(settled.out)[0].corrections.length, late.size)
    const again = await kappa.run('settle', TABLE, '--json')
    assert.equal(again.code, 0, again.err)
    assert.deepEqual(JSON.parse(again.out)[0].corrections, [])
    const corrected = await kappa.run('explain', TABLE, 'department=GROCERY', `day=${BEFORE}`, '--json')
    assert.equal(corrected.code, 0, corrected.err)
    const { state, corrections, columns } = JSON.parse(corrected.out).settled
    assert.deepEqual([state, corrections.length], ['settled', 1])
    assert.equal(columns[0].settled, late.get(`${BEFORE}|GROCERY`)?.lines)
    const rows = await until(
      () => kappa.rows<[string, string, string, string]>(results.replace('_latest', '_settled')),
      (found) => found.length >= truth.size + late.size,
      60_000,
    )
    const found = new Map(
      rows.map(([key, count, units, cents]) => [
        key,
        { lines: Number(count), units: Number(units), cents: Number(cents) },
      ]),
    )
    assert.deepEqual(new Map([...found].sort()), new Map([...truth, ...late].sort()))
  })
})
