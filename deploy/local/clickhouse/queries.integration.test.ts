import assert from 'node:assert/strict'
import { request } from 'node:http'
import { after, before, test } from 'node:test'
import { brotliDecompressSync, gunzipSync, gzipSync, inflateSync } from 'node:zlib'
import { admin, startServer, type TestServer } from './testing.ts'

let server: TestServer
before(async () => {
  server = await startServer()
})
after(() => server[Symbol.asyncDispose]())

test('answers in every kind of format, whole, with its media type', async () => {
  const sql = 'SELECT number AS n FROM numbers(200000)'
  for (const [format, type, bytes] of [
    ['CSVWithNames', /^text\/csv/, 4 + 1_288_890],
    ['TabSeparated', /^text\/tab-separated-values/, 1_288_890],
    ['RowBinary', /octet-stream/, 1_600_000],
  ] as const) {
    const response = await post(`${sql} FORMAT ${format}`)
    assert.equal(response.headers.get('x-clickhouse-format'), format)
    assert.match(response.headers.get('content-type') ?? '', type)
    assert.equal((await response.arrayBuffer()).byteLength, bytes)
  }
  const json = JSON.parse(await server.rows(`${sql} FORMAT JSON`))
  assert.equal(json.rows, 200_000)
  assert.equal(json.data.length, 200_000)
  assert.equal((await server.rows(`${sql} FORMAT CSVWithNames`)).match(/"n"/g)?.length, 1)
  const parquet = Buffer.from(await (await post(`${sql} FORMAT Parquet`)).arrayBuffer())
  assert.equal(parquet.toString('latin1').split('PAR1').length, 3)
})

test('the format comes from the statement, the header or the URL, in that order', async () => {
  const url = { default_format: 'CSV' }
  const headers = { 'X-ClickHouse-Format': 'TSKV' }
  assert.equal(await server.rows("SELECT 'a' AS x", { url }), '"a"\n')
  assert.equal(await server.rows("SELECT 'a' AS x", { url, headers }), 'x=a\n')
  assert.equal(await server.rows("SELECT 'a' AS x FORMAT JSONEachRow", { url, headers }), '{"x":"a"}\n')
  assert.equal(await server.rows('EXISTS TABLE system.one FORMAT CSV'), '1\n')
  assert.equal(await server.rows('SELECT 1 UNION ALL SELECT 1'), '1\n1\n')
})

test('parameters are bound as values, many at once without mixing', async () => {
  const nasty = 'x\'); DROP TABLE t; -- \\ " ` ü \t'
  const url = { param_s: nasty.replaceAll('\\', '\\\\').replaceAll('\t', '\\t'), param_l: "['a','b']", param_t: 'one' }
  const sql = 'SELECT {s:String} AS s, {l:Array(String)} AS l FROM system.{t:Identifier} FORMAT JSONEachRow'
  assert.deepEqual(JSON.parse(await server.rows(sql, { url })), { s: nasty, l: ['a', 'b'] })
  const asked = Array.from({ length: 200 }, (_, i) =>
    server.rows('SELECT {i:UInt32} + sleep(0.001)', { url: { param_i: String(i) } }),
  )
  assert.deepEqual(
    (await Promise.all(asked)).map(Number),
    asked.map((_, i) => i),
  )
  assert.match((await server.ask('SELECT {i:UInt32}')).text, /Code: 456/)
  assert.match((await server.ask('SELECT {i:UInt8}', { url: { param_i: 'x' } })).text, /^Code: (457|72|27)/)
})

test('settings and the database hold for one statement only', async () => {
  await server.rows('CREATE DATABASE other; ')
  assert.equal(
    await server.rows("SELECT getSetting('max_threads'), currentDatabase()", {
      url: { max_threads: '3', database: 'other' },
    }),
    '3\tother\n',
  )
  assert.notEqual(await server.rows("SELECT getSetting('max_threads')"), '3\n')
  const { text, status } = await server.ask('SELECT 1', { headers: { 'X-ClickHouse-Database': 'no such' } })
  assert.match(text, /^Code: 81\./)
  assert.equal(status, 404)
})

test('errors carry ClickHouse codes and statuses', async () => {
  const cases: [string, Record<string, string>, number, number][] = [
    ['SELECT * FROM nope', {}, 60, 404],
    ['SELEC 1', {}, 62, 400],
    ['SELECT 1; SELECT 2', {}, 62, 400],
    ['SELECT nope', {}, 47, 404],
    ['SELECT throwIf(1)', {}, 395, 500],
    ['SELECT 1 FORMAT Nope', {}, 73, 404],
    ['SELECT 1', { nope: '1' }, 115, 404],
    ["SELECT 1 INTO OUTFILE '/tmp/x'", {}, 358, 500],
    ['SELECT 1', { compress: '1' }, 48, 501],
    ['SELECT 1', { role: 'writer' }, 36, 400],
    ['SELECT sum(sipHash64(number)) FROM numbers(1e12)', { max_execution_time: '0.2' }, 159, 408],
    ['SELECT groupArray(number) FROM numbers(1e9)', { max_memory_usage: '10000000' }, 241, 500],
  ]
  for (const [sql, url, code, status] of cases) {
    const answer = await server.ask(sql, { url })
    assert.equal(answer.headers.get('x-clickhouse-exception-code'), String(code), `${sql}: ${answer.text}`)
    assert.equal(answer.status, status, sql)
    assert.match(
      answer.text,
      new RegExp(`^Code: ${code}\\. DB::Exception: .*\\(version [0-9.]+ \\(official build\\)\\)\n$`, 's'),
    )
  }
})

test('an error after the first rows is marked and cuts the answer off', async () => {
  const response = await post('SELECT throwIf(number = 900000), number FROM numbers(1000000)')
  let text = ''
  await assert.rejects(async () => {
    for await (const piece of response.body ?? []) text += Buffer.from(piece).toString('latin1')
  })
  const tag = response.headers.get('x-clickhouse-exception-tag')
  assert.match(text, new RegExp(`\r\n__exception__\r\n${tag}\r\nCode: 395.*\n\\d+ ${tag}\r\n__exception__\r\n$`, 's'))
  const waited = await server.ask('SELECT throwIf(number = 900000), number FROM numbers(1000000)', {
    url: { wait_end_of_query: '1' },
  })
  assert.equal(waited.status, 500)
  assert.match(waited.text, /^Code: 395/)
})

test('users are known by header, Basic or URL; others are refused with 516', async () => {
  const get = (path: string, headers = {}) => fetch(`${server.url}${path}`, { headers })
  const sql = `query=${encodeURIComponent('SELECT 1')}`
  const { username, password } = admin
  const key = { 'X-ClickHouse-User': username, 'X-ClickHouse-Key': encodeLatin1(password) }
  assert.equal((await get(`/?${sql}`, key)).status, 200)
  assert.equal((await get(`/?${sql}&user=${username}&password=${encodeURIComponent(password)}`)).status, 200)
  for (const url of [`/?${sql}&user=${username}&password=wrong`, `/?${sql}&user=nobody`]) {
    const answer = await get(url)
    assert.equal(answer.status, 403)
    assert.match(await answer.text(), /^Code: 516/)
  }
  const nobody = await get(`/?${sql}`)
  assert.equal(nobody.status, 401)
  assert.match(nobody.headers.get('www-authenticate') ?? '', /^Basic/)
  assert.equal(await (await get('/ping')).text(), 'Ok.\n')
  assert.equal((await get('/nowhere')).status, 404)
  assert.equal((await raw('SELECT 1', '//[', {})).headers['x-clickhouse-summary'], undefined)
})

test('GET does not change anything; URL and body make one statement', async () => {
  assert.match((await server.ask('CREATE DATABASE got', { method: 'GET' })).text, /^Code: 164/)
  assert.equal(await server.rows('SELECT 2', { method: 'GET' }), '2\n')
  assert.equal(await server.rows('SELECT', { body: '3' }), '3\n')
})

test('compresses both ways, when asked to', async () => {
  const open = { gzip: gunzipSync, deflate: inflateSync, br: brotliDecompressSync }
  const sql = 'SELECT number FROM numbers(100000)'
  const plain = await server.rows(sql)
  for (const [encoding, decompress] of Object.entries(open)) {
    const answer = await raw(sql, '/?enable_http_compression=1', { 'Accept-Encoding': encoding })
    assert.equal(answer.headers['content-encoding'], encoding)
    assert.ok(answer.body.length < plain.length)
    assert.equal(decompress(answer.body).toString(), plain)
  }
  const unasked = await raw(sql, '/', { 'Accept-Encoding': 'gzip' })
  assert.equal(unasked.headers['content-encoding'], undefined)
  assert.equal(await server.rows('', { body: gzipSync('SELECT 5'), headers: { 'Content-Encoding': 'gzip' } }), '5\n')
  const broken = await server.ask('', { body: 'SELECT 5', headers: { 'Content-Encoding': 'gzip' } })
  assert.match(broken.text, /^Code: 271/)
})

test('a session keeps temporary tables, and lets one statement in at a time', async () => {
  const url = { session_id: 's1' }
  await server.rows('CREATE TEMPORARY TABLE kept (a UInt8)', { url })
  await server.rows('INSERT INTO kept VALUES (7)', { url: { ...url, max_threads: '1' } })
  assert.equal(await server.rows('SELECT a FROM kept', { url }), '7\n')
  assert.equal((await server.ask('SELECT a FROM kept')).status, 404)
  assert.equal((await server.ask('SELECT a FROM kept', { url: { session_id: 's2' } })).status, 404)
  assert.match((await server.ask('SELECT 1', { url: { session_id: 's3', session_check: '1' } })).text, /^Code: 372/)
  const slow = server.rows('SELECT sleep(0.5)', { url })
  await new Promise((resolve) => setTimeout(resolve, 150))
  assert.match((await server.ask('SELECT 1', { url })).text, /^Code: 373/)
  await slow
  assert.equal(await server.rows('SELECT 1', { url }), '1\n')
})

const authorization = () => `Basic ${Buffer.from(`${admin.username}:${admin.password}`).toString('base64')}`
const encodeLatin1 = (text: string) => Buffer.from(text).toString('latin1')
const post = (sql: string) =>
  fetch(`${server.url}/`, { method: 'POST', body: sql, headers: { Authorization: authorization() } })

function raw(sql: string, path: string, headers: Record<string, string>) {
  return new Promise<{ headers: NodeJS.Dict<string | string[]>; body: Buffer }>((resolve, reject) => {
    const sent = request(`${server.url}${path}`, {
      method: 'POST',
      headers: { ...headers, Authorization: authorization() },
    })
    sent.on('error', reject).on('response', async (response) => {
      const pieces: Buffer[] = []
      for await (const piece of response) pieces.push(piece)
      resolve({ headers: response.headers, body: Buffer.concat(pieces) })
    })
    sent.end(sql)
  })
}
