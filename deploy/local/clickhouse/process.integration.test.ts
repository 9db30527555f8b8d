import assert from 'node:assert/strict'
import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { newFolder, spawnServer, startServer } from './testing.ts'

/** How a process that should not start ends: its exit code and what it said. */
async function ending(folder: string, port: number): Promise<{ code: number; said: string }> {
  const child = spawnServer(folder, port)
  let said = ''
  child.stderr?.on('data', (text) => {
    said += text
  })
  const [code] = await once(child, 'close')
  return { code, said }
}

test('SIGTERM lets an insert finish, stops a read, and what was there is there again', async () => {
  const first = await startServer()
  await first.rows('CREATE DATABASE kept')
  await first.rows('CREATE TABLE kept.t (id UInt64) ENGINE = MergeTree ORDER BY id')
  await first.rows('CREATE TABLE plain (id UInt64) ENGINE = MergeTree ORDER BY id')
  await first.rows('INSERT INTO plain VALUES (1)')
  const insert = first.ask(
    'INSERT INTO kept.t SELECT number + sleepEachRow(0.05) FROM numbers(20) SETTINGS max_block_size = 1',
  )
  const read = first.ask('SELECT sum(sipHash64(number)) FROM numbers(1000000000000)')
  await new Promise((resolve) => setTimeout(resolve, 300))
  const stopped = first.stop()
  assert.equal((await insert).status, 200)
  assert.match((await read).text, /^Code: 394/)
  assert.equal(await stopped, 0)
  await using second = await startServer(first.folder)
  assert.equal(await second.rows('SELECT count() FROM kept.t'), '20\n')
  assert.equal(await second.rows('SELECT count() FROM default.plain'), '1\n')
  assert.equal(await second.rows("SELECT engine FROM system.databases WHERE name = 'default'"), 'Atomic\n')
})

test('the default database is plain and kept, through kills, with tables and without', async () => {
  let server = await startServer()
  const again = async () => {
    await server.kill()
    server = await startServer(server.folder)
    assert.equal(await server.rows("SELECT engine FROM system.databases WHERE name = 'default'"), 'Atomic\n')
  }
  try {
    await again()
    await again()
    await server.rows('CREATE TABLE t (id UInt64) ENGINE = MergeTree ORDER BY id')
    await again()
    await server.rows('INSERT INTO t VALUES (1)')
    await again()
    assert.equal(await server.rows('SELECT id FROM t'), '1\n')
    await server.rows('DROP TABLE t SYNC')
    await again()
    assert.equal((await server.ask('SELECT id FROM t')).status, 404)
    await again()
  } finally {
    await server[Symbol.asyncDispose]()
  }
})

test('a taken port, a held folder and a bad config end with 2 and say why', async () => {
  await using server = await startServer()
  const other = newFolder()
  const taken = await ending(other, server.port)
  assert.equal(taken.code, 2)
  assert.match(taken.said, new RegExp(`listening on 127.0.0.1:${server.port}.*EADDRINUSE`))
  const held = await ending(server.folder, 0)
  assert.equal(held.code, 2)
  assert.match(held.said, /Another server instance in same directory.*opening ClickHouse's data folder/s)
  assert.equal(await server.rows('SELECT 1'), '1\n')
  const child = spawnServer(other, 1)
  writeFileSync(join(other, 'config-1.json'), '{"host":"127.0.0.1","port":"x","dataFolder":"y","users":[],"more":1}')
  let said = ''
  child.stderr?.on('data', (text) => {
    said += text
  })
  assert.deepEqual(await once(child, 'close'), [2, null])
  assert.match(said, /port: .*users: .*more/)
  rmSync(other, { recursive: true, force: true })
})
