import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { KappaError } from '#engine/errors'
import { memoryRegistry, topic } from '#engine/schema'
import { type FakeBroker, fakeBroker } from '#engine/testing'
import { boundedImport, type ImportOptions } from './import.ts'
import { completionsTopic, type ImportCompletion } from './import-log.ts'
import { inBatches, row, type SourceRow } from './row.ts'

interface Line {
  readonly number: number
  readonly soldAt: number
}

const contract = (name: string) => ({
  type: 'record',
  name,
  namespace: 'test',
  doc: 'A line.',
  topic: {
    name: `test.${name.toLowerCase()}s.v1`,
    kind: 'facts',
    key: 'number',
    time: 'soldAt',
    id: 'number',
    partitions: 4,
    retention: 'forever',
    owner: 'tests',
  },
  fields: [
    { name: 'number', type: 'long', doc: 'Counts.', rule: { min: 0 } },
    { name: 'soldAt', type: { type: 'long', logicalType: 'timestamp-millis' }, doc: 'When.' },
  ],
})
const lines = topic<Line>(contract('Line'))
const others = topic<Line>(contract('Other'))

/** A thousand rows, every hundredth broken. */
const source: readonly SourceRow[] = Array.from({ length: 1_000 }, (_, i) =>
  row(lines, { number: i % 100 === 99 ? -1 : i, soldAt: 1_000 + i }, { file: 'lines.csv', line: i + 2 }),
)

async function* rowsAfter(after: number) {
  yield* inBatches(source.slice(after), 100)
}

async function stage() {
  const [broker, registry] = [fakeBroker({ lateMarkers: true }), memoryRegistry()]
  for (const one of [lines, others]) {
    await registry.register(one)
    await broker.admin.ensure([{ name: one.name, partitions: 4, settings: {} }])
  }
  const clock = { now: () => 7, sleep: async () => {} }
  const options: ImportOptions = {
    importId: 'lines',
    name: 'lines',
    app: 'test',
    source: { name: 'lines.csv', sha256: 'a'.repeat(64) },
    topics: [others, lines],
    rows: rowsAfter,
    broker,
    registry,
    clock,
  }
  return { broker, options }
}

const numbers = (broker: FakeBroker): number[] =>
  broker
    .committed(lines.name)
    .map(({ value }) => lines.decode((value as Buffer).subarray(5)).number)
    .sort((a, b) => a - b)

const expected = source.map((_, i) => i).filter((i) => i % 100 !== 99)

const completions = (broker: FakeBroker): ImportCompletion[] =>
  broker.committed(completionsTopic.name).map(({ value }) => JSON.parse(String(value)) as ImportCompletion)

/** Every row is there once, and the dead letters too. */
function assertWhole(broker: FakeBroker): void {
  assert.deepEqual(numbers(broker), expected)
  const dead = broker.committed('test.lines.v1.dead-letter').map(({ headers }) => String(headers?.['kappa.line']))
  assert.deepEqual(dead, ['101', '201', '301', '401', '501', '601', '701', '801', '901', '1001'])
  assert.equal(broker.openClients(), 0)
}

test('an import writes every row once and ends with a completion for every partition of every topic', async () => {
  const { broker, options } = await stage()
  const summary = await boundedImport(options)
  assertWhole(broker)
  assert.deepEqual(summary.tallies[lines.name], { written: 990, deadLettered: 10, throughTime: 1_998 })
  assert.deepEqual([summary.rows, summary.resumedAfter, summary.alreadyComplete], [1_000, 0, false])
  const found = completions(broker)
  assert.equal(found.length, 8)
  assert.deepEqual(
    found
      .filter(({ topic }) => topic === others.name)
      .map(({ partition, endOffset, throughTime }) => [partition, endOffset, throughTime]),
    [0, 1, 2, 3].map((partition) => [partition, 0, null]),
  )
  const ends = await broker.admin.committedEnds(lines.name)
  for (const { partition, endOffset, throughTime } of found.filter(({ topic }) => topic === lines.name)) {
    assert.equal(throughTime, 1_998)
    assert.ok(
      endOffset >
        Math.max(
          ...broker
            .committed(lines.name)
            .filter((one) => one.partition === partition)
            .map(({ offset }) => offset),
        ),
    )
    assert.ok(endOffset <= (ends[partition] ?? 0))
  }
})

test('importing again changes nothing and says so', async () => {
  const { broker, options } = await stage()
  await boundedImport(options)
  const before = [lines.name, completionsTopic.name, 'kappa.import-progress.v1'].map(
    (name) => broker.committed(name).length,
  )
  const again = await boundedImport(options)
  assert.equal(again.alreadyComplete, true)
  assert.equal(again.rows, 1_000)
  const after = [lines.name, completionsTopic.name, 'kappa.import-progress.v1'].map(
    (name) => broker.committed(name).length,
  )
  assert.deepEqual(after, before)
})

test('killed anywhere and started again, with commits that fail or end unknown: every row is there once', async () => {
  const run = async (kills: readonly number[], faults: readonly ('aborted' | 'unknown')[]) => {
    const { broker, options } = await stage()
    broker.failNextCommits(faults)
    for (const kill of kills) {
      // A process that is killed says nothing more: its producer stays open, its transaction too.
      const killed = boundedImport({
        ...options,
        rows: async function* (after) {
          let seen = 0
          for await (const batch of rowsAfter(after)) {
            if (seen++ === kill) throw new Error('killed')
            yield batch
          }
          throw new Error('killed')
        },
      })
      await assert.rejects(killed, /killed/)
    }
    const summary = await boundedImport(options)
    assertWhole(broker)
    assert.equal(summary.rows, 1_000)
    assert.equal(summary.tallies[lines.name]?.written, 990)
    const done = completions(broker)
    assert.ok(done.length === 8 || done.length === 0, `${done.length} completions`)
    assert.equal(done.length, 8)
  }
  const faults = fc.array(fc.constantFrom('aborted' as const, 'unknown' as const), { maxLength: 6 })
  await fc.assert(fc.asyncProperty(fc.array(fc.nat(12), { maxLength: 4 }), faults, run), { numRuns: 60 })
})

test('the transaction of a killed owner is never seen, and the next owner goes on behind the last committed row', async () => {
  const { broker, options } = await stage()
  const zombie = await broker.transactional('test-import-lines')
  await zombie.begin()
  await zombie.send({ topic: lines.name, key: Buffer.from('1'), value: Buffer.from('left over') })
  await boundedImport(options)
  assert.deepEqual(numbers(broker), expected)
  await assert.rejects(async () => zombie.commit(), { code: 'FENCED' })
})

test('a second process takes the import over: the first ends FENCED, and every row is there once', async () => {
  const { broker, options } = await stage()
  let second: Promise<unknown> | undefined
  const first = boundedImport({
    ...options,
    rows: async function* (after) {
      let seen = 0
      for await (const batch of rowsAfter(after)) {
        if (seen++ === 4) {
          second = boundedImport(options)
          await second
        }
        yield batch
      }
    },
  })
  await assert.rejects(first, { code: 'FENCED' })
  await second
  assertWhole(broker)
})

test('Ctrl-C stops behind a transaction: INTERRUPTED, and the same command goes on from there', async () => {
  const { broker, options } = await stage()
  const stop = new AbortController()
  const interrupted = boundedImport({
    ...options,
    signal: stop.signal,
    onProgress: ({ rows }) => rows === 300 && stop.abort(),
  })
  await assert.rejects(interrupted, { code: 'INTERRUPTED', message: /after row 300/ })
  assert.equal(numbers(broker).length, 297)
  const summary = await boundedImport(options)
  assert.equal(summary.resumedAfter, 300)
  assertWhole(broker)
})

test('another import of the same topic, or another file under the same id, is refused with the way out', async () => {
  const { broker, options } = await stage()
  await boundedImport(options)
  const other = { ...options, importId: 'lines 2017-06-01..', rows: rowsAfter }
  await assert.rejects(boundedImport(other), {
    code: 'CONFIG_INVALID',
    message: /'lines' was completed on .*--late-ok/,
  })
  const changed = { ...options, source: { name: 'lines.csv', sha256: 'b'.repeat(64) } }
  await assert.rejects(boundedImport(changed), { code: 'CONFIG_INVALID', message: /sha256 aaaa/ })
  const summary = await boundedImport({ ...other, lateOk: true })
  assert.equal(summary.alreadyComplete, false)
  assert.equal(numbers(broker).length, 2 * expected.length)
})

test('a service that stays away ends the import after its patience, with its own error', async () => {
  const { options } = await stage()
  let now = 0
  const clock = {
    now: () => now,
    sleep: async (milliseconds: number) => {
      now += milliseconds
    },
  }
  const waits: string[] = []
  const rows = () => {
    throw new KappaError('SERVICE_UNAVAILABLE', 'reading', { retriable: true })
  }
  const run = boundedImport({ ...options, clock, rows, patienceMs: 3_000, onWaiting: (message) => waits.push(message) })
  await assert.rejects(run, { code: 'SERVICE_UNAVAILABLE' })
  assert.ok(now > 3_000 && now < 5_000)
  assert.equal(waits.length, 1)
})

test('topics that are not in Kafka are named', async () => {
  const { options } = await stage()
  const empty = fakeBroker()
  await assert.rejects(boundedImport({ ...options, broker: empty }), {
    code: 'CONFIG_INVALID',
    message: /test\.others\.v1, test\.lines\.v1.*kappa schemas register/,
  })
})
