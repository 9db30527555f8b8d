import assert from 'node:assert/strict'
import type { Answer } from '../cli/commands/lookup/answer.ts'
import { type Installation, until } from './installation.ts'

/**
 * What arrived, as `kappa lookup` finds it: a row by its identity, the same from the serving view and from ClickHouse; the
 * rows of a key over a stretch of time, as SQL counts them; and a row that is not there. The sinks run.
 */
export async function checkLookedUp(kappa: Installation): Promise<void> {
  const asked = async (...words: string[]) => {
    const { code, out, err } = await kappa.run('lookup', ...words, '--json')
    return { code, err, answer: out === '' ? undefined : (JSON.parse(out) as Answer) }
  }
  const [[flightId = ''] = []] = await kappa.rows<[string]>(
    'SELECT flightId FROM aviation.schedules_latest ORDER BY flightId LIMIT 1',
  )
  const flight = ['aviation.schedules', `flightId=${flightId}`]
  const served = await until(
    () => asked(...flight, '--store', 'redis'),
    ({ code }) => code === 0,
    30_000,
  )
  const [from, to] = ['2025-01-08T06:00:00Z', '2025-01-08T09:00:00Z']
  const [[airport = '', reports] = []] = await kappa.rows<[string, string]>(
    `SELECT airport, count() FROM weather.reports_latest WHERE observedAt >= parseDateTime64BestEffort('${from}')
      AND observedAt < parseDateTime64BestEffort('${to}') GROUP BY airport ORDER BY airport LIMIT 1`,
  )
  const [itself, stored, ofKey, missing] = await Promise.all([
    asked(...flight),
    asked(...flight, '--store', 'clickhouse'),
    asked('weather.reports', `airport=${airport}`, '--from', from, '--to', to),
    asked('weather.reports', 'airport=none'),
  ])
  assert.deepEqual([served.answer?.rows.length, stored.answer?.rows], [1, served.answer?.rows], 'the same in both')
  assert.deepEqual([itself.answer?.store, stored.answer?.store], ['redis', 'clickhouse'])
  assert.equal(itself.answer?.rows[0]?.flightId, flightId)

  const times = (ofKey.answer?.rows ?? []).map((row) => String(row.observedAt))
  assert.deepEqual([times.length, ofKey.answer?.more], [Number(reports), false], ofKey.err)
  assert.ok(times.length > 1 && times.every((time) => time >= from.replace('Z', '.000Z') && time < to), times.join())
  assert.deepEqual(times, [...times].sort(), 'oldest first')

  assert.deepEqual([missing.code, missing.answer?.rows], [1, []])
  assert.match(missing.err, /looking up airport=none: weather.reports_latest has no such row/)
}
