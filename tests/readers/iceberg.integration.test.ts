import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { systemClock } from '#engine/time'
import { cacheFolder } from '../../deploy/config.ts'
import { startServer } from '../../deploy/local/clickhouse/testing.ts'
import { type RunningStack, startStack } from '../../deploy/local/index.ts'
import { compactTopic, GoldShelf, ObjectStore, refreshTable } from '../../sinks/s3/index.ts'
import { ask } from './python.ts'
import { decimalText, firstAsPython, market, nestedAsPython, tradeOf, trades } from './trade-fixture.ts'

// The Iceberg tables over silver and gold, read by what shares no code with their writer: PyIceberg, and ClickHouse
// (`icebergS3()`, and `s3()` over the files alone).

const HOUR = 3_600_000
const dataFolder = mkdtempSync(join(tmpdir(), 'kappa-iceberg-'))
let stack: RunningStack
before(async () => {
  stack = await startStack({ dataFolder, cacheFolder: cacheFolder(), ports: 'free', services: ['s3'] })
})
after(async () => {
  await stack?.stop()
  rmSync(dataFolder, { recursive: true, force: true })
})

const venueFrom = (id: number): string =>
  `struct<${id}: code: required string (code), ${id + 1}: fee: optional decimal(30, 3) (fee), ${id + 2}: tags: required list<string> (tags)>`

const columns = [
  '1: tradeId: required string (tradeId)',
  '2: side: required string (side)',
  '3: payload: required binary (payload)',
  '4: live: required boolean (live)',
  '5: lots: required int (lots)',
  '6: sequence: required long (sequence)',
  '7: ratio: required double (ratio)',
  '8: settles: required date (settles)',
  '9: tradedAt: required timestamptz (tradedAt)',
  '10: price: required decimal(18, 2) (price)',
  '11: wide: required decimal(38, 4) (wide)',
  '12: tags: required list<string> (tags)',
  '14: note: optional string (note)',
  '15: fee: optional decimal(10, 3) (fee)',
  '16: seenAt: optional timestamptz (seenAt)',
  `17: venue: optional ${venueFrom(18)} (venue)`,
  `22: ladder: required list<${venueFrom(24)}> (ladder)`,
  '28: labels: required map<string, long> (labels)',
  `31: reference: optional struct<32: _type: required string, 33: long: optional long, 34: Venue: optional ${venueFrom(35)}> (reference)`,
  '39: exact: required timestamptz (exact)',
  '40: wall: required timestamp (wall)',
  '41: opens: required time (opens)',
  '42: uid: required uuid (uid)',
  '43: tenor: required struct<44: months: required long, 45: days: required long, 46: milliseconds: required long> (tenor)',
  '47: digest: required fixed[4] (digest)',
  '48: weight: required float (weight)',
  '49: _partition: required int',
  '50: _offset: required long',
  '51: _generation: required int',
  '52: _writtenAt: required timestamptz',
]
const venueColumn = 'Tuple( code String, fee Nullable(Decimal(30, 3)), tags Array(String))'
const clickhouseColumns = [
  'tradeId String',
  'side String',
  'payload String',
  'live Bool',
  'lots Int32',
  'sequence Int64',
  'ratio Float64',
  'settles Date32',
  "tradedAt DateTime64(6, \\'UTC\\')",
  'price Decimal(18, 2)',
  'wide Decimal(38, 4)',
  'tags Array(String)',
  'note Nullable(String)',
  'fee Nullable(Decimal(10, 3))',
  "seenAt Nullable(DateTime64(6, \\'UTC\\'))",
  `venue ${venueColumn}`,
  `ladder Array(${venueColumn})`,
  'labels Map(String, Nullable(Int64))',
  `reference Tuple( _type String, long Nullable(Int64), Venue ${venueColumn})`,
  "exact DateTime64(6, \\'UTC\\')",
  'wall DateTime64(6)',
  'opens Int64',
  'uid UUID',
  'tenor Tuple( months Int64, days Int64, milliseconds Int64)',
  'digest FixedString(4)',
  'weight Float32',
  '_partition Int32',
  '_offset Int64',
  '_generation Int32',
  "_writtenAt DateTime64(6, \\'UTC\\')",
]

const since = '2025-01-08T00:00:00+00:00'
const sent = (count: number) => Array.from({ length: count }, (_, i) => tradeOf(i))
const sentSince = (count: number): number => sent(count).filter(({ tradedAt }) => tradedAt >= Date.parse(since)).length
/** Of `price`, `wide` and `_offset`. */
function sumsOf(count: number): string[] {
  const total = (values: readonly bigint[]): bigint => values.reduce((sum, value) => sum + value, 0n)
  const offsets = sent(count).map((_, i) => BigInt(Math.floor(i / 2)))
  return [
    decimalText(total(sent(count).map(({ price }) => price)), 2),
    decimalText(total(sent(count).map(({ wide }) => wide)), 4),
    total(offsets).toString(),
  ]
}

test('PyIceberg and ClickHouse read the table: every type, every row, before and after compaction', async () => {
  const address = { ...stack.addresses.s3, bucket: 'lake' }
  const store = new ObjectStore(address)
  const at = await market()
  at.trade(200)
  await at.deliver(address, 60)
  const refresh = () => refreshTable({ store, topic: trades, clock: systemClock, graceMs: HOUR })
  const made = await refresh()
  assert.deepEqual([made.version, made.rows, made.added], [1, 200, made.files])
  assert.deepEqual(await refresh(), { ...made, added: 0 })

  const asked = (metadata: string) => ask('iceberg_reader.py', { ...address, metadata, since })
  const { exactest: _, ...nested } = nestedAsPython
  const asIceberg = { ...nested, labels: "[('one', 0), ('none', None)]" }
  const { schema, first, ...read } = await asked(made.metadata)
  assert.deepEqual(schema, columns)
  assert.deepEqual((first as string[]).slice(0, 26), [...firstAsPython, ...Object.values(asIceberg)])
  assert.deepEqual(read, {
    spec: ['1000: tradedAt_day: day(9)'],
    rows: 200,
    count: 200,
    sums: sumsOf(200),
    noNote: 40,
    files: made.files,
    recentFiles: 3,
    recentRows: sentSince(200),
    operation: 'append',
    snapshots: [200],
  })

  at.trade(50, 200)
  await at.deliver(address, 60)
  const grown = await refresh()
  assert.deepEqual([grown.version, grown.rows, grown.removed], [2, 250, 0])
  const compaction = { store, topic: trades.name, clock: systemClock, graceMs: HOUR, retentionMs: -1, olderThanMs: 0 }
  await compactTopic({ ...compaction, targetBytes: 1_000_000, doneUpTo: () => Number.MAX_SAFE_INTEGER })
  const compacted = await refresh()
  assert.deepEqual([compacted.rows, compacted.files], [250, 11])
  const again = await asked(compacted.metadata)
  assert.deepEqual([again.rows, again.count, again.sums, again.operation], [250, 250, sumsOf(250), 'replace'])
  assert.deepEqual([again.files, again.recentRows, again.snapshots], [11, sentSince(250), [200, 250, 250]])

  await using server = await startServer()
  const { endpoint, accessKeyId, secretAccessKey } = address
  const table = `icebergS3('${endpoint}/lake/iceberg/${trades.name}/', '${accessKeyId}', '${secretAccessKey}')`
  const described = (await server.rows(`DESCRIBE ${table}`)).trimEnd().split('\n')
  assert.deepEqual(
    described.map((line) => line.split('\t').slice(0, 2).join(' ').replace(/\\n */g, ' ')),
    clickhouseColumns,
  )
  const [price = '', wide = ''] = sumsOf(250)
  const sums = `SELECT count(), toString(sum(price)), toString(sum(wide)) FROM ${table}`
  assert.equal((await server.rows(sums)).trimEnd(), `250\t${price}\t${wide.replace(/0+$/, '')}`)
  store.close()
})

test('a table of gold: PyIceberg and ClickHouse read what was exported, and the export before it', async () => {
  const address = { ...stack.addresses.s3, bucket: 'gold-lake' }
  const store = new ObjectStore(address)
  await store.ensure()
  const shelf = new GoldShelf(store)
  const columns = [
    { name: 'shop', type: 'String' },
    { name: 'day', type: 'Nullable(Date)' },
    { name: 'at', type: "DateTime64(3, 'UTC')" },
    { name: 'amount', type: 'Decimal(18, 2)' },
    { name: 'count', type: 'UInt32' },
  ]
  const table = { name: 'kpi_sales', category: 'kpis', columns }
  const put = async (rows: number) => {
    const made = Array.from({ length: rows }, (_, i) => [
      ...[`s${i}`, i % 2 === 0 ? null : '2025-01-31', '2025-01-31T00:30:00.123Z', `${i}.25`, i],
    ])
    const files = await shelf.write(
      table,
      (async function* () {
        yield made
      })(),
    )
    await shelf.publish({ table: table.name, category: table.category, owner: 'tests', columns, rows, files })
  }
  await put(40)
  await put(100)
  const metadata = `s3://gold-lake/iceberg/gold.${table.name}/metadata/v2.metadata.json`
  assert.deepEqual(await ask('iceberg_table.py', { ...address, metadata, sums: ['amount', 'count'] }), {
    schema: [
      '1: shop: required string',
      '2: day: optional date',
      '3: at: required timestamptz',
      '4: amount: required decimal(18, 2)',
      '5: count: required long',
    ],
    rows: 100,
    sums: ['4975.00', '4950'],
    snapshots: [40, 100],
  })
  await using server = await startServer()
  const { endpoint, accessKeyId, secretAccessKey } = address
  const from = `icebergS3('${endpoint}/gold-lake/iceberg/gold.${table.name}/', '${accessKeyId}', '${secretAccessKey}')`
  const counted = await server.rows(`SELECT count(), toString(sum(amount)), countIf(day IS NULL) FROM ${from}`)
  assert.equal(counted.trimEnd(), '100\t4975\t50')

  // The files alone, as the manifest names them: for whoever has no catalogue.
  const manifest = await store.get(`gold/${table.category}/${table.name}/manifest.json`)
  const { files } = JSON.parse(String(manifest)) as { readonly files: readonly { readonly object: string }[] }
  const names = files.map(({ object }) => object.split('/').at(-1)).join(',')
  const folder = `${endpoint}/gold-lake/gold/${table.category}/${table.name}`
  const plain = `s3('${folder}/{${names}}', '${accessKeyId}', '${secretAccessKey}', 'Parquet')`
  const described = (await server.rows(`DESCRIBE ${plain}`)).trimEnd().split('\n')
  assert.deepEqual(
    described.map((line) => line.split('\t').slice(0, 2).join(' ')),
    ['shop String', 'day Nullable(Date32)', "at DateTime64(3, \\'UTC\\')", 'amount Decimal(18, 2)', 'count Int64'],
  )
  const sums = 'count(), toString(sum(amount)), sum(count), countIf(day IS NULL), uniqExact(shop), any(at)'
  const inUtc = { url: { session_timezone: 'UTC' } }
  assert.equal(
    (await server.rows(`SELECT ${sums} FROM ${plain}`, inUtc)).trimEnd(),
    '100\t4975\t4950\t50\t100\t2025-01-31 00:30:00.123',
  )
  store.close()
})
