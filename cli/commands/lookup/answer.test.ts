import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { KappaError } from '#engine/errors'
import { departures, hourlyWeather } from '#schemas'
import { answerOf } from './answer.ts'
import { askedOf } from './asked.ts'

/** Where ClickHouse gives this answer to everything, and Redis is away. */
async function places(t: TestContext, status: number, body: string) {
  const server = createServer((request, response) => {
    request.resume()
    response.writeHead(status, { 'content-type': 'application/x-ndjson' }).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const user = { username: 'kappa', password: '' }
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { clickhouse: { url, ...user, reader: user }, redis: { url: 'redis://127.0.0.1:9' } }
}

const asked = askedOf(hourlyWeather, ['airport=JFK', 'observedAt=2013-07-04T12:00:00Z'], {})

test('one row comes from ClickHouse where Redis is away, unless Redis was asked for', async (t) => {
  const at = await places(t, 200, '{"airport":"JFK"}\n')
  const answer = await answerOf(at, asked, 'auto', 1)
  assert.deepEqual([answer.store, answer.rows, answer.more], ['clickhouse', [{ airport: 'JFK' }], false])
  await assert.rejects(answerOf(at, asked, 'redis', 1), { code: 'SERVICE_UNAVAILABLE' })
})

test('of more rows than were asked for the first are given, and it is told', async (t) => {
  const at = await places(t, 200, '{"x":1}\n{"x":2}\n{"x":3}\n')
  const answer = await answerOf(at, askedOf(departures, ['origin=JFK'], {}), 'auto', 2)
  assert.deepEqual([answer.rows, answer.more], [[{ x: 1 }, { x: 2 }], true])
})

test('a table that is not there yet is told as that, and any other refusal as it is', async (t) => {
  for (const [body, code, about] of [
    ['Code: 60. DB::Exception: Table silver.x does not exist. (UNKNOWN_TABLE)', 'STATE_MISMATCH', /not there yet/],
    ['Code: 47. DB::Exception: Unknown identifier y. (UNKNOWN_IDENTIFIER)', 'STORE', /ClickHouse code 47/],
  ] as const)
    await assert.rejects(
      answerOf(await places(t, 404, body), asked, 'clickhouse', 1),
      (thrown: unknown) => thrown instanceof KappaError && thrown.code === code && about.test(thrown.message),
    )
})
