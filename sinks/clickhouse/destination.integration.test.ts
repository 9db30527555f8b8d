import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { KafkaRecord } from '#engine/broker'
import { Batch, type Cut, CutLog, Lane, type LaneStep, schemaIdOf } from '#engine/delivery'
import { KappaError } from '#engine/errors'
import { type AnyTopic, createTable, memoryRegistry, topic } from '#engine/schema'
import { systemClock } from '#engine/time'
import { admin, startServer, type TestServer } from '../../deploy/local/clickhouse/testing.ts'
import { sales, untilNow, world } from '../../engine/delivery/delivery-fixture.ts'
import { ClickHouseDestination } from './index.ts'

let server: TestServer
const registry = memoryRegistry()
let destination: ClickHouseDestination

before(async () => {
  server = await startServer()
  destination = new ClickHouseDestination({ address: { url: server.url, ...admin }, registry })
})
after(async () => {
  await destination?.close()
  await server[Symbol.asyncDispose]()
})

const terms = { key: 'id', time: 'at', partitions: 1, retention: 'forever', owner: 'tests' }
const timestamp = { type: 'long', logicalType: 'timestamp-millis' }
const decimal = (precision: number, scale: number) => ({ type: 'bytes', logicalType: 'decimal', precision, scale })
const contract = (name: string, kind: string, fields: readonly object[]): AnyTopic =>
  topic({
    type: 'record',
    name: 'Thing',
    namespace: 'test',
    doc: 'A thing.',
    topic: { ...terms, name, kind, id: 'id' },
    fields: [
      { name: 'id', type: 'string', doc: 'Id.' },
      ...fields.map((field) => ({ doc: 'A field.', ...field })),
      { name: 'at', type: timestamp, doc: 'Time.' },
    ],
  })

async function recordsOf(handle: AnyTopic, values: readonly (object | null)[]): Promise<KafkaRecord[]> {
  const id = await registry.register(handle)
  return values.map((value, offset) => ({
    topic: handle.name,
    partition: 0,
    offset,
    timestamp: 0,
    key: Buffer.from(value === null ? 'a' : handle.keyOf(value)),
    value: value === null ? null : Buffer.from(handle.frame(id, value)),
    headers: undefined,
  }))
}

function cutOf(records: readonly KafkaRecord[], number = 1, generation = 1): Cut {
  const batch = new Batch(0)
  for (const record of records) batch.add(record, null, schemaIdOf(record))
  const topicName = records[0]?.topic ?? ''
  const identity = {
    sink: 'clickhouse',
    topic: topicName,
    lane: 0,
    generation,
    writerVersion: 'test',
    decidedAt: 1_000,
  }
  return batch.decide(identity, { number: number - 1, positions: {}, streamTime: {} }).cut
}

const json = async (query: string): Promise<unknown[]> =>
  (await server.rows(`${query} FORMAT JSONCompactEachRow`, { url: { output_format_json_quote_decimals: '1' } }))
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))

test('every kind of field arrives exactly, and so do positions and hashes', async () => {
  const kinds = contract('test.kinds.v1', 'facts', [
    { name: 'small', type: decimal(9, 2) },
    { name: 'large', type: ['null', decimal(38, 4)], default: null },
    { name: 'whole', type: 'int' },
    { name: 'long', type: 'long' },
    { name: 'double', type: 'double' },
    { name: 'flag', type: 'boolean' },
    { name: 'day', type: { type: 'int', logicalType: 'date' } },
    { name: 'raw', type: 'bytes' },
    { name: 'colour', type: { type: 'enum', name: 'Colour', symbols: ['RED', 'BLUE'] } },
    { name: 'note', type: ['null', 'string'], default: null },
    { name: 'tags', type: { type: 'array', items: 'string' } },
  ])
  const first = {
    id: 'ä€𝄞',
    small: -123456789n,
    large: 12345678901234567890123456789012345678n,
    whole: -5,
    long: -4_000_000_000_000_001,
    double: 0.1,
    flag: true,
    day: -1,
    raw: Buffer.from([0, 255]),
    colour: 'BLUE',
    note: 'x'.repeat(300),
    tags: ['a', 'ß'],
    at: -1,
  }
  const second = {
    ...first,
    id: '',
    small: 5n,
    large: null,
    long: 2 ** 40,
    flag: false,
    colour: 'RED',
    note: null,
    tags: [],
    at: 1_700_000_000_123,
  }
  const records = await recordsOf(kinds, [first, second])
  await destination.prepare(kinds)
  const cut = cutOf(records)
  assert.deepEqual(await destination.write(kinds, cut, records, false), [])
  assert.deepEqual(
    await json(
      'SELECT id, toString(small), toString(large), whole, toString(long), double, flag, toString(day), hex(raw), colour, length(note), tags, toString(at) FROM test.kinds ORDER BY _offset',
    ),
    [
      [
        'ä€𝄞',
        '-1234567.89',
        '1234567890123456789012345678901234.5678',
        -5,
        '-4000000000000001',
        0.1,
        true,
        '1969-12-31',
        '00FF',
        'BLUE',
        300,
        ['a', 'ß'],
        '1969-12-31 23:59:59.999',
      ],
      [
        '',
        '0.05',
        null,
        -5,
        '1099511627776',
        0.1,
        false,
        '1969-12-31',
        '00FF',
        'RED',
        null,
        [],
        '2023-11-14 22:13:20.123',
      ],
    ],
  )
  assert.deepEqual(
    await json(
      'SELECT _topic, _partition, toString(_offset), _generation, toString(_writtenAt) FROM test.kinds ORDER BY _offset LIMIT 1',
    ),
    [['test.kinds.v1', 0, '0', 1, '1970-01-01 00:00:01.000']],
  )
  assert.deepEqual(await json('SELECT toString(sum(_hash)) FROM test.kinds'), [[cut.hashSum]])
})

test('a cut is there once: by its token, and after the token is forgotten by what is there', async () => {
  const days = contract('test.days.v1', 'facts', [])
  const values = Array.from({ length: 300 }, (_, i) => ({ id: `d${i}`, at: i * 86_400_000 }))
  const records = await recordsOf(days, values)
  await destination.prepare(days)
  const cut = cutOf(records)
  await destination.write(days, cut, records, false)
  assert.deepEqual(
    await json('SELECT count(), uniq(_partition_id) FROM test.days'),
    [['300', '10']].map(([a, b]) => [Number(a), Number(b)]),
  )
  assert.deepEqual(
    await json("SELECT count() FROM system.parts WHERE database = 'test' AND table = 'days' AND active"),
    [[10]],
    'one block, one part a month',
  )
  await destination.write(days, cut, records, false)
  assert.deepEqual(await json('SELECT count() FROM test.days'), [[300]], 'the token')

  await server.rows('ALTER TABLE test.days MODIFY SETTING non_replicated_deduplication_window = 0')
  await destination.write(days, cut, records, true)
  assert.deepEqual(await json('SELECT count() FROM test.days'), [[300]], 'nothing absent')
  await server.rows("ALTER TABLE test.days DROP PARTITION '197003'")
  await destination.write(days, cut, records, true)
  assert.deepEqual(
    await json('SELECT count(), uniqExact(_offset) FROM test.days'),
    [[300, 300]],
    'only the absent ones',
  )
  await destination.write(days, cut, records, false)
  assert.deepEqual(await json('SELECT count() FROM test.days'), [[600]], 'without a token it would be there twice')
})

test('rows that cannot be stored are refused with column and reason; the others land', async () => {
  const strict = contract('test.strict.v1', 'facts', [{ name: 'amount', type: decimal(4, 2) }])
  const values = Array.from({ length: 40 }, (_, i) => ({ id: `r${i}`, amount: BigInt(i), at: i }))
  const records = await recordsOf(strict, [...values, { id: 'late', amount: 0n, at: 32_503_680_000_000 }, null])
  records.push({ ...(records[0] as KafkaRecord), offset: 42, value: Buffer.from('not framed') })
  await destination.prepare(strict)
  await server.rows('ALTER TABLE test.strict ADD CONSTRAINT small CHECK amount < 0.35 OR amount = 0.37')
  const cut = cutOf(records)
  for (const again of [false, true]) {
    const refused = await destination.write(strict, cut, records, again)
    const reasons = new Map(refused.map(({ record, reason }) => [record.offset, reason]))
    assert.deepEqual(
      [...reasons.keys()].sort((a, b) => a - b),
      [35, 36, 38, 39, 40, 41, 42],
    )
    assert.match(reasons.get(36) ?? '', /ClickHouse: .*Constraint `small`/)
    assert.match(reasons.get(40) ?? '', /column at: 32503680000000 ms is outside the years/)
    assert.match(reasons.get(41) ?? '', /without a value/)
    assert.match(reasons.get(42) ?? '', /not framed/)
    assert.deepEqual(await json('SELECT count(), uniqExact(_offset) FROM test.strict'), [[36, 36]])
  }
})

test('a later row replaces an earlier one of its identity, a record without a value deletes it', async () => {
  const states = contract('test.states.v1', 'table', [{ name: 'name', type: 'string' }])
  const values = [
    { id: 'a', name: 'old', at: 1 },
    { id: 'b', name: 'old', at: 1 },
    { id: 'b', name: 'new', at: 0 },
    null,
  ]
  const records = await recordsOf(states, values)
  await destination.prepare(states)
  assert.deepEqual(await destination.write(states, cutOf(records), records, false), [])
  assert.deepEqual(await json('SELECT id, name FROM test.states_latest'), [['b', 'new']])
  assert.deepEqual(await json('SELECT count() FROM test.states FINAL'), [[1]])
})

test('rows and their corrections: sums are added up, means are the last correction’s, null too', async () => {
  const fields = [
    { name: 'orders', type: 'long' },
    { name: 'mean', type: ['null', 'double'], default: null },
  ]
  const rows = contract('test.rows.v1', 'results', fields)
  const corrections = contract('test.rows-corrections.v1', 'results', [...fields, { name: 'number', type: 'int' }])
  await destination.prepareSettled(rows, corrections, ['orders'], ['mean'])
  const published = [
    { id: 'a', orders: 2, mean: 5, at: 0 },
    { id: 'b', orders: 1, mean: 3, at: 0 },
    { id: 'c', orders: 1, mean: 4, at: 0 },
  ]
  const posted = [
    { id: 'a', orders: 1, mean: 7.5, number: 1, at: 0 },
    { id: 'b', orders: -1, mean: null, number: 1, at: 0 },
    { id: 'd', orders: 1, mean: 9, number: 1, at: 0 },
  ]
  for (const [topic, values] of [[rows, published] as const, [corrections, posted] as const]) {
    const records = await recordsOf(topic, values)
    assert.deepEqual(await destination.write(topic, cutOf(records), records, false), [])
  }
  const settled = 'SELECT id, toInt32(orders), mean, toInt32(corrections) FROM test.rows_settled ORDER BY id'
  assert.deepEqual(await json(settled), [
    ['a', 3, 7.5, 1],
    ['b', 0, null, 1],
    ['c', 1, 4, 0],
    ['d', 1, 9, 1],
  ])
})

test('an older table is brought to the contract; what would change rows is refused with the column', async () => {
  const name = 'test.grown.v1'
  await destination.prepare(contract(name, 'table', [{ name: 'size', type: 'int' }]))
  const grown = contract(name, 'table', [
    { name: 'size', type: ['null', 'long'], default: null },
    { name: 'colour', type: ['null', 'string'], default: null },
  ])
  await destination.prepare(grown)
  await destination.prepare(grown)
  assert.deepEqual(
    await json(
      "SELECT name, type FROM system.columns WHERE database = 'test' AND table = 'grown' AND position <= 4 ORDER BY position",
    ),
    [
      ['id', 'String'],
      ['size', 'Nullable(Int64)'],
      ['colour', 'Nullable(String)'],
      ['at', "DateTime64(3, 'UTC')"],
    ],
  )
  assert.deepEqual(await json('SELECT colour FROM test.grown_latest'), [])
  await assert.rejects(
    destination.prepare(contract(name, 'table', [{ name: 'size', type: 'string' }])),
    (thrown) =>
      thrown instanceof KappaError && thrown.code === 'SCHEMA_INCOMPATIBLE' && /column size/.test(thrown.message),
  )
})

test('a lane killed at every step in turn, on the real store: every row once', async () => {
  const at = await world()
  const own = new ClickHouseDestination({ address: { url: server.url, ...admin }, registry: at.registry })
  at.sell(400)
  const process = async (kill?: LaneStep) => {
    let visits = 0
    const lane = new Lane(
      at.options({
        destination: own,
        log: new CutLog({ sink: 'clickhouse', broker: at.broker, clock: systemClock }),
        until: await untilNow(at.broker, sales.name),
        atStep: (step) => {
          if (step === kill && ++visits === 2) throw new Error('killed')
        },
      }),
    )
    return { ended: await lane.run(new AbortController().signal), status: lane.status }
  }
  await new CutLog({ sink: 'clickhouse', broker: at.broker, clock: systemClock }).ensure()
  for (const step of [3, 3.5, 4, 4.5] as const) assert.equal((await process(step)).ended, 'failed', `step ${step}`)
  assert.equal((await process()).ended, 'finished')
  assert.deepEqual(
    await json('SELECT count(), uniqExact(_partition, _offset), toString(sum(amount)) FROM test.sales'),
    [[400, 400, '798']],
  )
  await own.close()
})

test('a server that is away is a retriable error', async () => {
  const nowhere = new ClickHouseDestination({ address: { url: 'http://127.0.0.1:9', ...admin }, registry })
  await assert.rejects(nowhere.prepare(sales), (thrown) => thrown instanceof KappaError && thrown.retriable)
  await nowhere.close()
})

/** The statement as the engine's parser writes it; the query fails where it does not parse. */
const parsed = (statement: string): Promise<string> =>
  server.rows(`SELECT formatQuerySingleLine('${statement.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}')`)

test('the engine understands what is said to a cluster', async () => {
  for (const sharded of [false, true])
    for (const topic of [sales, contract('test.clustered.v1', 'table', [])])
      for (const statement of createTable(topic, { cluster: { name: 'main', sharded } }))
        assert.match(await parsed(statement), /^CREATE/, statement)
})

test('the target of a materialized view has every row once: sent again, and where only the table got them', async () => {
  const watched = contract('test.watched.v1', 'facts', [{ name: 'size', type: 'int' }])
  const values = Array.from({ length: 90 }, (_, i) => ({ id: `w${i}`, size: 1, at: i * 86_400_000 }))
  const records = await recordsOf(watched, values)
  await destination.prepare(watched)
  await server.rows('CREATE TABLE test.sizes (month UInt32, total Int64) ENGINE = SummingMergeTree ORDER BY month')
  await server.rows(
    'CREATE MATERIALIZED VIEW test.sizes_view TO test.sizes AS SELECT toYYYYMM(at) AS month, sum(size) AS total FROM test.watched GROUP BY month',
  )
  await destination.prepare(watched)
  assert.match(await server.rows('SHOW CREATE TABLE test.sizes'), /non_replicated_deduplication_window = 10000/)
  const totals = () => json('SELECT sum(total), (SELECT count() FROM test.watched) FROM test.sizes')
  const cut = { ...cutOf(records), decidedAt: Date.UTC(2026, 0, 1) }
  await destination.write(watched, cut, records, false)
  assert.deepEqual(await totals(), [[90, 90]])
  for (const again of [false, true]) await destination.write(watched, cut, records, again)
  assert.deepEqual(await totals(), [[90, 90]], 'sent again')
  // Killed between the two: the table has the cut, the target does not.
  await server.rows('TRUNCATE TABLE test.sizes')
  await destination.write(watched, cut, records, true)
  assert.deepEqual(await totals(), [[90, 90]], 'the target is completed')
})
