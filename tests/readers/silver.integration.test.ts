import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { systemClock } from '#engine/time'
import { cacheFolder } from '../../deploy/config.ts'
import { startServer } from '../../deploy/local/clickhouse/testing.ts'
import { type RunningStack, startStack } from '../../deploy/local/index.ts'
import { compactTopic, ObjectStore } from '../../sinks/s3/index.ts'
import { ask } from './python.ts'
import { decimalText, firstAsPython, market, nestedAsPython, tradeOf, trades } from './trade-fixture.ts'

// Silver as others read it: DuckDB, pyarrow and ClickHouse's s3() agree with what was sent, in types as in values.

const ROWS = 200
const dataFolder = mkdtempSync(join(tmpdir(), 'kappa-readers-'))
let stack: RunningStack
before(async () => {
  stack = await startStack({ dataFolder, cacheFolder: cacheFolder(), ports: 'free', services: ['s3'] })
})
after(async () => {
  await stack?.stop()
  rmSync(dataFolder, { recursive: true, force: true })
})

const sent = Array.from({ length: ROWS }, (_, i) => tradeOf(i))
const sum = (values: readonly bigint[]): bigint => values.reduce((total, value) => total + value, 0n)

/** Twice, so that nothing waits to be deleted: a file a day is left. */
async function compact(store: ObjectStore): Promise<void> {
  const options = { store, topic: trades.name, clock: systemClock, graceMs: 0, retentionMs: -1, olderThanMs: 0 }
  const doneUpTo = () => Number.MAX_SAFE_INTEGER
  const { into } = await compactTopic({ ...options, targetBytes: 1_000_000, doneUpTo })
  assert.ok(into > 0)
  await compactTopic({ ...options, targetBytes: 1_000_000, doneUpTo })
  assert.equal((await store.list(`silver/${trades.name}/`)).length, 9)
}

const duckVenue = 'STRUCT(code VARCHAR, fee DECIMAL(30,3), tags VARCHAR[])'
const arrowVenue =
  'struct<code: string not null, fee: decimal128(30, 3), tags: list<element: string not null> not null>'
/** As ClickHouse infers them from the file. */
const inferredVenue = 'Tuple( code Nullable(String), fee Nullable(Decimal(30, 3)), tags Array(String))'
const nestedColumns = [
  `venue ${inferredVenue}`,
  `ladder Array(${inferredVenue})`,
  'labels Map(String, Nullable(Int64))',
  `reference Tuple( _type Nullable(String), long Nullable(Int64), Venue ${inferredVenue})`,
  "exact DateTime64(6, \\'UTC\\')",
  "exactest DateTime64(9, \\'UTC\\')",
  "wall DateTime64(3, \\'UTC\\')",
  "opens DateTime64(6, \\'UTC\\')",
  'uid UUID',
  'tenor Tuple( months Int64, days Int64, milliseconds Int64)',
  'digest FixedString(4)',
  'weight Float32',
]

interface Reading {
  readonly types: Readonly<Record<string, unknown>>
  readonly first: readonly string[]
}

for (const compacted of [false, true])
  test(`DuckDB, pyarrow and ClickHouse read every type as it was sent${compacted ? ', compacted' : ''}`, async () => {
    const address = { ...stack.addresses.s3, bucket: compacted ? 'compacted' : 'readers' }
    const at = await market()
    at.trade(ROWS)
    await at.deliver(address, 60)
    const hashes = at.hashes()
    const store = new ObjectStore(address)
    const folder = join(dataFolder, address.bucket)
    if (compacted) await compact(store)
    const files = await store.list(`silver/${trades.name}/`)
    for (const { key } of files) {
      mkdirSync(dirname(join(folder, key)), { recursive: true })
      writeFileSync(join(folder, key), (await store.get(key)) ?? '')
    }
    store.close()
    const sums = [
      decimalText(sum(sent.map(({ price }) => price)), 2),
      decimalText(sum(sent.map(({ wide }) => wide)), 4),
      sum(hashes).toString(),
    ]
    const counted = {
      rows: ROWS,
      sums,
      negative: sent.filter(({ wide }) => wide < 0n).length,
      noNote: sent.filter(({ note }) => note === null).length,
    }

    const { duckdb, pyarrow, groups, withoutStatistics } = await ask('silver_readers.py', {
      ...address,
      folder: join(folder, 'silver', trades.name),
      prefix: `${address.bucket}/silver/${trades.name}`,
      hashes: hashes.map(String),
    })
    const { types: duckTypes, first: duckFirst, ...duckRest } = duckdb as Reading
    assert.deepEqual(duckTypes, {
      tradeId: 'VARCHAR',
      side: 'VARCHAR',
      payload: 'BLOB',
      live: 'BOOLEAN',
      lots: 'INTEGER',
      sequence: 'BIGINT',
      ratio: 'DOUBLE',
      settles: 'DATE',
      tradedAt: 'TIMESTAMP WITH TIME ZONE',
      price: 'DECIMAL(18,2)',
      wide: 'DECIMAL(38,4)',
      tags: 'VARCHAR[]',
      note: 'VARCHAR',
      fee: 'DECIMAL(10,3)',
      seenAt: 'TIMESTAMP WITH TIME ZONE',
      venue: duckVenue,
      ladder: `${duckVenue}[]`,
      labels: 'MAP(VARCHAR, BIGINT)',
      reference: `STRUCT(_type VARCHAR, long BIGINT, Venue ${duckVenue})`,
      exact: 'TIMESTAMP WITH TIME ZONE',
      exactest: 'TIMESTAMPTZ_NS',
      wall: 'TIMESTAMP',
      opens: 'TIME',
      uid: 'UUID',
      tenor: 'STRUCT("months" BIGINT, "days" BIGINT, "milliseconds" BIGINT)',
      digest: 'BLOB',
      weight: 'FLOAT',
      _partition: 'INTEGER',
      _offset: 'BIGINT',
      _generation: 'INTEGER',
      _writtenAt: 'TIMESTAMP WITH TIME ZONE',
      _hash: 'UBIGINT',
      date: 'DATE',
    })
    assert.deepEqual(duckRest, { ...counted, found: ROWS, byDay: 9 })
    assert.deepEqual(duckFirst.slice(0, 27), [...firstAsPython, ...Object.values(nestedAsPython)])

    const { types: arrowTypes, first: arrowFirst, ...arrowRest } = pyarrow as Reading
    assert.deepEqual(arrowTypes, {
      tradeId: ['string', false],
      side: ['string', false],
      payload: ['binary', false],
      live: ['bool', false],
      lots: ['int32', false],
      sequence: ['int64', false],
      ratio: ['double', false],
      settles: ['date32[day]', false],
      tradedAt: ['timestamp[ms, tz=UTC]', false],
      price: ['decimal128(18, 2)', false],
      wide: ['decimal128(38, 4)', false],
      tags: ['list<element: string not null>', false],
      note: ['string', true],
      fee: ['decimal128(10, 3)', true],
      seenAt: ['timestamp[ms, tz=UTC]', true],
      venue: [arrowVenue, true],
      ladder: [`list<element: ${arrowVenue}>`, false],
      labels: ["map<string, int64 ('labels')>", false],
      reference: [`struct<_type: string not null, long: int64, Venue: ${arrowVenue}>`, true],
      exact: ['timestamp[us, tz=UTC]', false],
      exactest: ['timestamp[ns, tz=UTC]', false],
      wall: ['timestamp[ms]', false],
      opens: ['time64[us]', false],
      uid: ['fixed_size_binary[16]', false],
      tenor: ['struct<months: int64 not null, days: int64 not null, milliseconds: int64 not null>', false],
      digest: ['fixed_size_binary[4]', false],
      weight: ['float', false],
      _partition: ['int32', false],
      _offset: ['int64', false],
      _generation: ['int32', false],
      _writtenAt: ['timestamp[ms, tz=UTC]', false],
      _hash: ['uint64', false],
      date: ['string', true],
    })
    assert.deepEqual(arrowRest, { ...counted, sums: [sums[0], sums[1]?.replace(/0+$/, ''), sums[2]], found: ROWS })
    const asArrow = {
      ...nestedAsPython,
      labels: "[('one', 0), ('none', None)]",
      uid: "b'\\x01\\x90\\x16=\\x86\\x94s\\x9b\\xae\\xa5\\x00\\x00\\x00\\x00\\x00\\x00'",
    }
    assert.deepEqual(arrowFirst.slice(0, 27), [...firstAsPython, ...Object.values(asArrow)])
    assert.equal((groups as number[]).length, files.length)
    // A chunk of nothing but nulls has no bounds.
    const nulls = ['ladder.list.element.fee', 'ladder.list.element.tags.list.element', 'reference.Venue.fee']
    const more = ['reference.Venue.tags.list.element', 'seenAt', 'venue.fee', 'venue.tags.list.element']
    assert.deepEqual(withoutStatistics, compacted ? [] : [...nulls, ...more])

    await using server = await startServer()
    const { endpoint, accessKeyId, secretAccessKey } = address
    const source = `s3('${endpoint}/${address.bucket}/silver/${trades.name}/*/*.parquet', '${accessKeyId}', '${secretAccessKey}', 'Parquet')`
    const settings = { session_timezone: 'UTC' }
    const rows = async (statement: string): Promise<readonly string[]> =>
      (await server.rows(statement, { url: settings })).trimEnd().split('\n')
    const described = await rows(`DESCRIBE ${source}`)
    assert.deepEqual(
      described.map((line) => line.split('\t').slice(0, 2).join(' ').replace(/\\n */g, ' ')),
      [
        'tradeId String',
        'side String',
        'payload String',
        'live Bool',
        'lots Int32',
        'sequence Int64',
        'ratio Float64',
        'settles Date32',
        "tradedAt DateTime64(3, \\'UTC\\')",
        'price Decimal(18, 2)',
        'wide Decimal(38, 4)',
        'tags Array(String)',
        'note Nullable(String)',
        'fee Nullable(Decimal(10, 3))',
        "seenAt Nullable(DateTime64(3, \\'UTC\\'))",
        ...nestedColumns,
        '_partition Int32',
        '_offset Int64',
        '_generation Int32',
        "_writtenAt DateTime64(3, \\'UTC\\')",
        '_hash UInt64',
        'date Date',
      ],
    )
    const whole =
      'count(), toString(sum(price)), toString(sum(wide)), toString(sum(toUInt256(_hash))), countIf(note IS NULL)'
    assert.deepEqual(await rows(`SELECT ${whole} FROM ${source}`), [
      [ROWS, sums[0]?.replace(/\.?0+$/, ''), sums[1]?.replace(/0+$/, ''), sums[2], counted.noNote].join('\t'),
    ])
    assert.deepEqual(
      await rows(
        `SELECT side, hex(payload), lots, settles, tradedAt, price, wide, tags FROM ${source} WHERE tradeId = 't0'`,
      ),
      ['BUY\t00FF\t-50\t2024-10-04\t2025-01-01 00:00:00.123\t-50\t-12345678901234567890123.456\t[]'],
    )
    assert.deepEqual(await rows(`SELECT count() FROM ${source} WHERE wide < 0`), [String(counted.negative)])
    assert.deepEqual(await rows(`SELECT count() FROM ${source} WHERE _hash IN (${hashes.join(', ')})`), [String(ROWS)])
  })
