import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import { after, before, beforeEach, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { createClient } from '@clickhouse/client'
import { admin, startServer, type TestServer } from './testing.ts'

let server: TestServer
before(async () => {
  server = await startServer()
  await server.rows('CREATE DATABASE shop')
})
after(() => server[Symbol.asyncDispose]())

const columns = `(id UInt64, name LowCardinality(String), price Decimal(18, 2) DEFAULT 1, at DateTime64(3) DEFAULT '2025-01-01')
  ENGINE = MergeTree ORDER BY id SETTINGS non_replicated_deduplication_window = 1000`
beforeEach(async () => {
  await server.rows('DROP TABLE IF EXISTS shop.t SYNC')
  await server.rows(`CREATE TABLE shop.t ${columns}`)
})
const count = async (table = 'shop.t') => Number(await server.rows(`SELECT count() FROM ${table}`))

test('takes data in any format, with the statement in the URL or before it in the body', async () => {
  const source = "SELECT number AS id, toLowCardinality(concat('n', toString(number))) AS name FROM numbers(1000)"
  const formats =
    'JSONEachRow JSONCompactEachRow RowBinary RowBinaryWithNamesAndTypes Native Parquet ArrowStream CSVWithNames TSV Values'
  let expected = 0
  for (const format of formats.split(' ')) {
    const made = await fetch(`${server.url}/`, { method: 'POST', body: `${source} FORMAT ${format}`, headers: basic() })
    const data = Buffer.from(await made.arrayBuffer())
    const head = `INSERT INTO shop.t (id, name) SETTINGS max_threads = 1 FORMAT ${format}`
    const url = (name: string) => ({ insert_deduplication_token: `${format} ${name}` })
    const { headers } = await server.ask(head, { body: data, url: url('url') })
    assert.equal(JSON.parse(headers.get('x-clickhouse-summary') ?? '{}').written_rows, '1000', format)
    await server.rows('', { body: Buffer.concat([Buffer.from(`${head}\n`), data]), url: url('body') })
    await server.rows(head, { body: gzipSync(data), headers: { 'Content-Encoding': 'gzip' }, url: url('gzip') })
    expected += 3000
    assert.equal(await count(), expected, format)
  }
  assert.equal(
    await server.rows(
      "SELECT countIf(price = 1 AND name = concat('n', toString(id)) AND at = '2025-01-01') FROM shop.t",
    ),
    `${expected}\n`,
  )
})

test('literal rows, expressions, INSERT … SELECT and input() work as in ClickHouse', async () => {
  await server.rows("INSERT INTO shop.t (id, name) VALUES (1, 'a;b'), (1 + 1, upper('x'));")
  await server.rows("INSERT INTO shop.t (id, name) SELECT number, '' FROM numbers(3)")
  await server.rows("INSERT INTO shop.t (id, name) SELECT a * 10, 'i' FROM input('a UInt8') WHERE a > 1 FORMAT CSV", {
    body: '1\n2\n3\n',
  })
  await server.rows('INSERT INTO shop.t (id) FORMAT JSONEachRow', { body: '' })
  assert.equal(
    await server.rows('SELECT groupArray(id) FROM (SELECT id FROM shop.t ORDER BY id)'),
    '[0,1,1,2,2,20,30]\n',
  )
})

test('a broken row inserts nothing and is named', async () => {
  const { text, status } = await server.ask('INSERT INTO shop.t (id) FORMAT JSONEachRow', {
    body: '{"id":1}\n{"id":"x"}\n',
  })
  assert.match(text, /^Code: 27\. .*at row 2/s)
  assert.doesNotMatch(text, /spool|body-\d/)
  assert.equal(status, 400)
  assert.match((await server.ask('INSERT INTO shop.none FORMAT CSV', { body: '1' })).text, /^Code: 60/)
  assert.equal(await count(), 0)
})

test('a client that breaks off in the middle has inserted nothing', async () => {
  const path = `/?query=${encodeURIComponent('INSERT INTO shop.t (id) FORMAT JSONEachRow')}`
  const sent = request(`${server.url}${path}`, { method: 'POST', headers: basic() })
  sent.on('error', () => {})
  sent.write('{"id":1}\n'.repeat(100_000))
  await new Promise((resolve) => setTimeout(resolve, 200))
  sent.destroy()
  await new Promise((resolve) => setTimeout(resolve, 300))
  assert.equal(await count(), 0)
})

test('a token is inserted once, in the table and in what its views feed', async () => {
  await server.rows(`CREATE TABLE shop.perName (name String, n UInt64) ENGINE = SummingMergeTree ORDER BY name
    SETTINGS non_replicated_deduplication_window = 1000`)
  await server.rows(
    'CREATE MATERIALIZED VIEW shop.toPerName TO shop.perName AS SELECT name, count() AS n FROM shop.t GROUP BY name',
  )
  const url = { insert_deduplication_token: 'sink/1-2', deduplicate_blocks_in_dependent_materialized_views: '1' }
  const insert = () => server.rows("INSERT INTO shop.t (id, name) VALUES (1, 'a'), (2, 'b')", { url })
  await insert()
  await insert()
  assert.equal(await count(), 2)
  assert.equal(await server.rows('SELECT sum(n) FROM shop.perName'), '2\n')
  await server.rows("INSERT INTO shop.t (id, name) VALUES (1, 'a')", {
    url: { ...url, insert_deduplication_token: 'sink/3-3' },
  })
  assert.equal(await server.rows('SELECT sum(n) FROM shop.perName'), '3\n')
  await server.rows('DROP VIEW shop.toPerName SYNC')
})

test('50,000 rows are one block, and blocks are merged in the background', async () => {
  await server.rows('INSERT INTO shop.t (id) FORMAT JSONEachRow', {
    body: Array.from({ length: 50_000 }, (_, id) => `{"id":${id}}`).join('\n'),
  })
  const parts = "SELECT count() FROM system.parts WHERE database = 'shop' AND table = 't' AND active"
  assert.equal(await server.rows(parts), '1\n')
  for (let i = 0; i < 20; i++) await server.rows(`INSERT INTO shop.t (id) VALUES (${i})`)
  const deadline = performance.now() + 10_000
  while (Number(await server.rows(parts)) > 15 && performance.now() < deadline)
    await new Promise((r) => setTimeout(r, 100))
  assert.ok(Number(await server.rows(parts)) <= 15)
  assert.equal(await count(), 50_020)
})

test('mutations, EXCHANGE TABLES and s3() work', async () => {
  await server.rows('INSERT INTO shop.t (id) SELECT number FROM numbers(10)')
  await server.rows('ALTER TABLE shop.t DELETE WHERE id < 4', { url: { mutations_sync: '2' } })
  assert.equal(await count(), 6)
  await server.rows('CREATE TABLE shop.t__v2 AS shop.t')
  await server.rows('EXCHANGE TABLES shop.t AND shop.t__v2')
  assert.deepEqual([await count(), await count('shop.t__v2')], [0, 6])
  await server.rows('DROP TABLE shop.t__v2 SYNC')
  assert.equal(await server.rows("SELECT engine FROM system.databases WHERE name = 'shop'"), 'Atomic\n')
  const store = createServer((asked, answer) => {
    const text = 'a,1\nb,2\n'
    answer.setHeader('Content-Length', text.length).setHeader('ETag', '"1"')
    answer.end(asked.method === 'HEAD' ? '' : text)
  }).listen(0, '127.0.0.1')
  await once(store, 'listening')
  const address = store.address()
  const port = typeof address === 'object' ? address?.port : 0
  const rows = await server.rows(
    `SELECT sum(n) FROM s3('http://127.0.0.1:${port}/bucket/a.csv', NOSIGN, 'CSV', 's String, n UInt8')`,
  )
  store.close()
  assert.equal(rows, '3\n')
})

test('@clickhouse/client inserts, asks, streams and gets typed errors', async () => {
  const client = createClient({
    url: server.url,
    ...admin,
    compression: { request: true, response: true },
    log: { level: 127 },
  })
  try {
    assert.equal((await client.ping()).success, true)
    assert.equal((await client.ping({ select: true })).success, true)
    const values = (function* () {
      for (let id = 0; id < 20_000; id++) yield { id, name: `n${id % 10}` }
    })()
    const { Readable } = await import('node:stream')
    const done = await client.insert({ table: 'shop.t', values: Readable.from(values), format: 'JSONEachRow' })
    assert.equal(done.summary?.written_rows, '20000')
    const answer = await client.query({
      query: 'SELECT id FROM shop.t WHERE name = {name:String} AND id < {most:UInt64} ORDER BY id',
      query_params: { name: 'n3', most: 100n.toString() },
      format: 'JSONEachRow',
    })
    assert.equal((await answer.json<{ id: string }>()).length, 10)
    let seen = 0
    const all = await client.query({ query: 'SELECT * FROM shop.t', format: 'JSONCompactEachRow' })
    for await (const rows of all.stream()) seen += rows.length
    assert.equal(seen, 20_000)
    await assert.rejects(client.command({ query: 'DROP TABLE shop.none' }), { code: '60', type: 'UNKNOWN_TABLE' })
  } finally {
    await client.close()
  }
})

const basic = () => ({
  Authorization: `Basic ${Buffer.from(`${admin.username}:${admin.password}`).toString('base64')}`,
})
