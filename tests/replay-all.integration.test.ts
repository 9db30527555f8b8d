import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  chooseGeneration,
  type GenerationRecord,
  nextGeneration,
  planReplay,
  recordEnd,
  type SourceChoice,
  startedRecord,
  verifyReplay,
} from '#engine/replay'
import { systemClock } from '#engine/time'
import { lagOf } from '../cli/commands/dev/lag.ts'
import { runSession, type Session, withSession } from '../cli/commands/replay/session.ts'
import { openPlatform } from '../cli/platform.ts'
import { processors } from '../processors/index.ts'
import { ruleSets } from '../schemas/rule-sets.ts'
import { type Installation, install, type Outcome, until } from './installation.ts'

const DAY = 86_400_000
/** Where each domain's data lies, and what of it is replayed: inside, so that both edges are real. */
const MADE_UP = ['2025-01-06T06:00:00Z', '2025-01-07T18:00:00Z'] as const
const RANGES: Readonly<Record<string, readonly [string, string]>> = {
  retail: ['2017-06-02T04:00:00Z', '2017-06-04T04:00:00Z'],
  aviation: ['2013-01-01T12:00:00Z', '2013-01-03T00:00:00Z'],
}
/** Of a domain whose other data lies elsewhere. */
const MADE_UP_TOO = new Set(['delay-by-weather'])
/** Made from weeks of history: in two days there may be none. */
const MAY_BE_EMPTY = new Set(['revenue-anomalies', 'cart-abandonment-anomalies', 'stock-alerts'])

/** Silver rules are one code over data: the first set stands for all. */
const [, ...likeIt] = ruleSets.map(({ name }) => name)
const replayedOnes = processors.filter(({ plan }) => !likeIt.includes(plan.name))

const expectCode = (outcome: Outcome, code: number): Outcome => {
  assert.equal(outcome.code, code, `${outcome.out}\n${outcome.err}`)
  return outcome
}

test('the same code makes the same rows: every processor, from Kafka and from S3, and a chain as a whole', {
  timeout: 800_000,
}, async (t) => {
  await using kappa = await install()
  process.env.KAPPA_DATA = kappa.folder
  t.after(() => delete process.env.KAPPA_DATA)
  await fill(kappa)

  await t.test('each processor for itself', { concurrency: 3 }, async (t) => {
    const replay = async (name: string): Promise<void> =>
      await withSession(name, async (session) => {
        for (const source of ['kafka', 's3'] as const) {
          const { compared, differing, events, first } = await replayed(session, source)
          assert.equal(differing, 0, `${source}: ${differing} of ${compared} rows differ, e.g. ${first}`)
          assert.ok(events > 0, `${source}: nothing was read`)
          if (!MAY_BE_EMPTY.has(name)) assert.ok(compared > 0, `${source}: nothing was compared`)
        }
      })
    await Promise.all(replayedOnes.map(({ plan: { name } }) => t.test(name, () => replay(name))))
  })

  await t.test('a processor with everything downstream of it: compared, promoted and rolled back as one', async () => {
    const replay = (...args: string[]): Promise<Outcome> => kappa.run('replay', ...args)
    const [from, to] = MADE_UP
    const range = ['--from', from, '--to', to, '--source', 's3', '--downstream']
    const members = ['cart-outcomes', 'cart-abandonment-per-minute', 'cart-abandonment-anomalies']
    expectCode(await replay('run', 'cart-outcomes', ...range), 0)
    assert.match(expectCode(await replay('run', 'cart-outcomes', ...range), 5).err, /all of it is finished/)
    expectCode(await replay('promote', 'cart-outcomes'), 3)
    const told = JSON.parse(expectCode(await replay('verify', 'cart-outcomes', '--json'), 0).out) as {
      chain: readonly { processor: string; compared: number; differing: number }[]
    }
    assert.deepEqual(
      told.chain.map(({ processor, differing }) => [processor, differing]),
      members.map((name) => [name, 0]),
    )
    assert.ok(told.chain.slice(0, 2).every(({ compared }) => compared > 10))
    assert.match(expectCode(await replay('promote', 'cart-abandonment-per-minute'), 2).err, /with cart-outcomes v/)
    const generations = async (): Promise<readonly number[]> =>
      await Promise.all(
        ['cart_outcomes', 'cart_abandonment_per_minute'].map(async (table) => {
          const query = `SELECT count(DISTINCT _generation), max(_generation) FROM shop.${table} WHERE _generation > 1`
          const [[, generation = 0] = []] = await kappa.rows<[string, number]>(query)
          return Number(generation)
        }),
      )
    assert.deepEqual(await generations(), [0, 0])
    expectCode(await replay('promote', 'cart-outcomes'), 0)
    assert.ok((await generations()).every((generation) => generation > 1))
    expectCode(await replay('rollback', 'cart-outcomes'), 0)
    assert.deepEqual(await generations(), [0, 0])
  })
})

/** Live data of every domain, taken by every processor, and in both stores. */
async function fill(kappa: Installation): Promise<void> {
  expectCode(await kappa.run('schemas', 'register'), 0)
  kappa.start('run', 'processor', 'all')
  kappa.start('sink', 'run', 'clickhouse')
  kappa.start('sink', 'run', 's3', '--age', '2 seconds')
  const made = ['--mode', 'batch', '--start-date', '2025-01-06', '--end-date', '2025-01-07', '--events-per-day']
  const loads = await Promise.all([
    kappa.run('produce', 'shop', ...made, '4000', '--late', '0.01', '--duplicates', '0.01'),
    ...['crm', 'influencers', 'ads', 'inventory'].map((domain) => kappa.run('produce', domain, ...made, '3000')),
    ...['ventes', 'flights', 'weather'].map((domain) => kappa.run('produce', domain, ...made, '400')),
    kappa.run('import', 'retail', '--from', '2017-06-01', '--to', '2017-06-05'),
    kappa.run('import', 'flights', '--from', '2013-01-01', '--to', '2013-01-03'),
  ])
  for (const loaded of loads) expectCode(loaded, 0)
  const platform = openPlatform()
  try {
    await until(
      () => lagOf(platform),
      (lag) => lag === 0,
      180_000,
    )
  } finally {
    await platform.close()
  }
  // Silence closes what traffic left open, stage by stage; then the stores have it.
  await systemClock.sleep(25_000)
  await until(
    () => kappa.run('verify', '--json'),
    ({ code }) => code === 0,
    180_000,
  )
}

/** A replay of a processor in this process: run, compared with what is live, and given up. */
async function replayed(session: Session, source: SourceChoice) {
  const { processor, log, sources, destination } = session
  const { name, version, destination: topic } = processor.plan
  const domain = MADE_UP_TOO.has(name) ? undefined : topic.name.split('.')[0]
  const [from, to] = (RANGES[domain ?? ''] ?? MADE_UP).map((time) => Date.parse(time))
  assert.ok(from !== undefined && to !== undefined && to - from > DAY)
  const request = { processor: name, topic: topic.name, from, to, source, version }
  const into = nextGeneration(await log.all(), name)
  const plan = await planReplay(processor.plan, request, sources)
  const started: GenerationRecord = await log.decide((all, now) => {
    assert.equal(chooseGeneration(all, request, into).kind, 'new')
    return startedRecord(request, into, plan.bounds, now)
  })
  const report = await runSession(session, started, plan)
  await recordEnd(log, started, report)
  const { compared, differing, rows } = await verifyReplay({
    tables: destination.generations,
    topic,
    generation: into,
    range: started,
    clock: systemClock,
  })
  return { compared, differing, events: report.events, first: JSON.stringify(rows[0]) }
}
