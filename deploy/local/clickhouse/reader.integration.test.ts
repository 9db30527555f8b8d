import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { reader, startServer, type TestServer } from './testing.ts'

let server: TestServer
before(async () => {
  server = await startServer()
  await server.rows('CREATE DATABASE shop')
  await server.rows('CREATE TABLE shop.t (id UInt64, file String) ENGINE = MergeTree ORDER BY id')
  await server.rows("INSERT INTO shop.t VALUES (1, 'a'), (2, 'b')")
})
after(() => server[Symbol.asyncDispose]())

const code = async (sql: string, url = {}) =>
  Number((await server.ask(sql, { as: reader, url })).headers.get('x-clickhouse-exception-code'))

test('the read-only user reads, with settings of its own', async () => {
  const read = (sql: string, url = {}) => server.rows(sql, { as: reader, url })
  assert.equal(await read('SELECT count() FROM shop.t'), '2\n')
  assert.equal(await read('WITH x AS (SELECT t.file FROM shop.t) SELECT count() FROM x', { max_threads: '1' }), '2\n')
  assert.equal(await read('SELECT 1 SETTINGS max_threads = 1'), '1\n')
  assert.equal(await read('SHOW TABLES FROM shop'), 't\n')
  assert.match(await read('DESCRIBE shop.t'), /^id\tUInt64/)
  assert.match(await read('EXPLAIN SELECT 1'), /\w/)
  assert.equal(await read("SELECT count() FROM merge('shop', 't')"), '2\n')
  assert.equal(await read('SELECT sum(number) FROM numbers(4)'), '6\n')
})

test('every write and definition is refused with 164', async () => {
  const statements = `INSERT INTO shop.t VALUES (3, 'c')
    INSERT INTO shop.t SELECT 3, 'c'
    CREATE TABLE shop.u AS shop.t
    CREATE DATABASE mine
    DROP TABLE shop.t
    TRUNCATE TABLE shop.t
    ALTER TABLE shop.t DELETE WHERE 1
    RENAME TABLE shop.t TO shop.u
    EXCHANGE TABLES shop.t AND shop.t
    OPTIMIZE TABLE shop.t
    DELETE FROM shop.t WHERE 1
    SYSTEM STOP MERGES
    KILL QUERY WHERE 1
    SET readonly = 0
    SET ROLE writer
    CREATE USER u
    GRANT writer TO default
    WITH x AS (SELECT 3 AS id, '' AS f) INSERT INTO shop.t SELECT * FROM x`
  for (const sql of statements.split('\n')) assert.equal(await code(sql.trim()), 164, sql)
  assert.equal(await server.rows('SELECT count() FROM shop.t'), '2\n')
})

test('read-only cannot be lifted, by URL or by the statement', async () => {
  assert.equal(await code('SELECT 1', { readonly: '0' }), 164)
  assert.equal(await code('SELECT 1 SETTINGS readonly = 0'), 164)
  assert.equal(await code('SELECT 1; DROP TABLE shop.t'), 62)
  const url = { session_id: 'reader' }
  assert.equal(await server.rows('SELECT 1', { as: reader, url }), '1\n')
  assert.equal(await code('DROP TABLE shop.t', url), 164)
})

test('nothing outside the database can be reached', async () => {
  const sources = `file('/etc/hostname', 'LineAsString')
    filesystem('/etc')
    url('http://127.0.0.1:1/', 'LineAsString')
    s3('http://127.0.0.1:1/bucket/key', NOSIGN, 'LineAsString')
    remote('127.0.0.1', 'system.one')
    mysql('127.0.0.1:1', 'a', 'b', 'c', 'd')
    postgresql('127.0.0.1:1', 'a', 'b', 'c', 'd')
    sqlite('/etc/hostname', 'a')
    redis('127.0.0.1:1', 'k', 'k String')
    mongodb('127.0.0.1:1', 'a', 'b', 'c', 'd', 'x Int8')
    executable('ls', 'TSV', 'a String')
    icebergLocal('/etc')
    deltaLakeLocal('/etc')
    hdfs('hdfs://127.0.0.1:1/x', 'TSV', 'a String')
    azureBlobStorage('http://127.0.0.1:1/a', 'b', 'c', 'd', 'e')
    eval('SELECT 1')`
  for (const source of sources.split('\n')) {
    assert.equal(await code(`SELECT * FROM ${source.trim()} LIMIT 1`), 497, source)
    assert.equal(await code(`DESCRIBE TABLE ${source.trim()}`), 497, source)
  }
  for (const call of ["file('/etc/hostname')", "`file`('/etc/hostname')", "arrayMap(file, ['/etc/hostname'])"])
    assert.equal(await code(`SELECT ${call}`), 497, call)
  const file = join(server.folder, 'config-0.json')
  assert.equal(existsSync(file), true)
  for (const name of [`\`${file}\``, `default.\`${file}\``, `'${file}'`]) {
    assert.equal(await code(`SELECT * FROM ${name}`), 60, name)
    assert.equal(await code(`DESCRIBE ${name}`), 60, name)
    assert.equal((await server.ask(`SELECT * FROM ${name}`)).status, 404, name)
  }
  assert.equal(await code("SELECT 1 INTO OUTFILE '/tmp/never'"), 358)
})
