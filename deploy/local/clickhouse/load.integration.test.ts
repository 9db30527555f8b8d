import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { admin, startServer, type TestServer } from './testing.ts'

let server: TestServer
before(async () => {
  server = await startServer()
  await server.rows('CREATE DATABASE busy')
  await server.rows('CREATE TABLE busy.t (id UInt64, s String) ENGINE = MergeTree ORDER BY id')
})
after(() => server[Symbol.asyncDispose]())

const endless = 'SELECT sum(sipHash64(number)) FROM numbers(1000000000000)'
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))
/** Statements that run, ourselves left out. */
const running = async (like: string) =>
  Number(
    await server.rows(
      `SELECT count() FROM system.processes WHERE query LIKE '%${like}%' AND query NOT LIKE '%system.processes%'`,
    ),
  )

async function untilNone(like: string, within = 5_000): Promise<number> {
  const begin = performance.now()
  while ((await running(like)) > 0 && performance.now() - begin < within) await pause(20)
  assert.equal(await running(like), 0)
  return performance.now() - begin
}

test('a client that leaves stops its query, whether it computes or sends', async () => {
  for (const sql of [endless, 'SELECT number, sipHash64(number) FROM numbers(1000000000000)']) {
    const leave = new AbortController()
    const asked = server.ask(sql, { signal: leave.signal })
    asked.catch(() => {})
    await pause(300)
    assert.equal(await running('1000000000000'), 1)
    leave.abort()
    await assert.rejects(asked)
    await untilNone('1000000000000')
  }
})

test('KILL QUERY finds a query by the id its client gave', async () => {
  const asked = server.ask(endless, { url: { query_id: 'mine' } })
  await pause(300)
  assert.match((await server.ask('SELECT 1', { url: { query_id: 'mine' } })).text, /^Code: 216/)
  await server.rows("KILL QUERY WHERE query_id = 'mine' SYNC")
  const { text, headers } = await asked
  assert.match(text, /^Code: 394/)
  assert.equal(headers.get('x-clickhouse-query-id'), 'mine')
})

test('20 queries at once answer while a sink inserts, and a slow one holds nobody up', async () => {
  const leave = new AbortController()
  const slow = Array.from({ length: 6 }, () =>
    server.ask('SELECT sleepEachRow(3) FROM numbers(100)', { signal: leave.signal }),
  )
  for (const one of slow) one.catch(() => {})
  let inserting = true
  let inserted = 0
  const sink = (async () => {
    while (inserting) {
      const body = Array.from({ length: 2_000 }, (_, i) => `{"id":${inserted + i},"s":"x"}`).join('\n')
      await server.rows('INSERT INTO busy.t FORMAT JSONEachRow', { body })
      inserted += 2_000
    }
  })()
  const begin = performance.now()
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      server.rows('SELECT {i:UInt32}, count() % 2000 FROM busy.t', { url: { param_i: String(i) } }),
    ),
  )
  const took = performance.now() - begin
  inserting = false
  await sink
  leave.abort()
  assert.deepEqual(
    answers,
    answers.map((_, i) => `${i}\t0\n`),
  )
  assert.ok(took < 2_500, `${took} ms`)
  assert.equal(await server.rows('SELECT count() FROM busy.t'), `${inserted}\n`)
  await untilNone('sleepEachRow')
})

test('a million rows stream out in bounded memory, also to a slow client', async () => {
  const first = await stream(1_000_000)
  assert.deepEqual(first.rows, 1_000_000)
  // Buffers that the engine made for the first are there for the second, three times as long.
  const second = await stream(3_000_000)
  assert.equal(second.rows, 3_000_000)
  assert.ok(second.bytes > 1_500_000_000)
  assert.ok(second.peak - first.peak < 150, `${first.peak} MiB for one million rows, ${second.peak} MiB for three`)
})

async function stream(number: number): Promise<{ rows: number; bytes: number; peak: number }> {
  const response = await fetch(server.url, {
    method: 'POST',
    body: `SELECT number, repeat('x', 500) AS s FROM numbers(${number}) FORMAT TSV`,
    headers: { Authorization: `Basic ${Buffer.from(`${admin.username}:${admin.password}`).toString('base64')}` },
  })
  const seen = { rows: 0, bytes: 0, peak: 0 }
  let pieces = 0
  for await (const piece of response.body ?? []) {
    seen.bytes += piece.length
    for (let at = piece.indexOf(10); at !== -1; at = piece.indexOf(10, at + 1)) seen.rows++
    if (++pieces % 200 === 0) {
      seen.peak = Math.max(seen.peak, server.memory())
      await pause(1)
    }
  }
  return seen
}

test('a large insert streams in through a file, and none is left behind', async () => {
  const before = server.memory()
  const rows = 1_000_000
  let made = 0
  const body = new ReadableStream({
    pull(controller) {
      if (made >= rows) return controller.close()
      let text = ''
      for (let i = 0; i < 1_000; i++) text += `${made++}\t${'y'.repeat(300)}\n`
      controller.enqueue(Buffer.from(text))
    },
  })
  let peak = 0
  const watch = setInterval(() => {
    peak = Math.max(peak, server.memory())
  }, 20)
  await server.rows('TRUNCATE TABLE busy.t')
  await server.rows('INSERT INTO busy.t FORMAT TSV', { body })
  clearInterval(watch)
  assert.equal(await server.rows('SELECT count() FROM busy.t'), `${rows}\n`)
  assert.ok(peak - before < 1_600, `grew by ${peak - before} MiB`)
  const { readdirSync } = await import('node:fs')
  assert.deepEqual(
    readdirSync(`${server.folder}/spool`).filter((name) => name.startsWith('body')),
    [],
  )
})
