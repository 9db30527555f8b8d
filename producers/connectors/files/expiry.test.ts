import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ObjectFiles } from '../originals.ts'
import { expiredOriginals } from './expiry.ts'
import { shippedSources, sourcesOf } from './landing-fixture.ts'
import type { FileEntry } from './ledger.ts'

const DAY = 86_400_000
const source = (topic: string, more = '') =>
  sourcesOf(`sources: [{ name: x, from: x, ${more} files: [{ name: '*.csv', topic: ${topic} }] }]`)[0]

const entry = (original: string, endedAt: number | null) => ({ original, endedAt }) as FileEntry
const bucket = (keys: readonly string[], modified: number): Pick<ObjectFiles, 'list'> => ({
  list: async (prefix) => keys.filter((key) => key.startsWith(prefix)).map((key) => ({ key, bytes: 1, modified })),
})

test('originals with personal data stay for thirty days, others for ever, and each as long as its source says', () => {
  assert.equal(source('crm.customers.v1')?.keepOriginalsMs, 30 * DAY)
  assert.equal(source('weather.reports.v1')?.keepOriginalsMs, Number.POSITIVE_INFINITY)
  assert.equal(source('crm.customers.v1', "originals: '2 days',")?.keepOriginalsMs, 2 * DAY)
  assert.equal(source('crm.customers.v1', 'originals: forever,')?.keepOriginalsMs, Number.POSITIVE_INFINITY)
  assert.throws(() => source('crm.customers.v1', 'originals: soon,'), /source x: originals is not a duration/)
  assert.ok(shippedSources().some(({ keepOriginalsMs }) => keepOriginalsMs === 30 * DAY))
})

test('what was taken whole goes when its time has come, with its hash; what is begun, or was sent again since, stays', async () => {
  const crm = source('crm.customers.v1')
  assert.ok(crm)
  const [old, begun, again, orphan] = ['old', 'begun', 'again', 'orphan'].map((name) => `raw/x/2026-01-01/${name}.csv`)
  assert.ok(old && begun && again && orphan)
  const entries = [entry(old, 0), entry(begun, null), entry(again, 0), entry(again, 20 * DAY)]
  const objects = bucket(
    [old, `${old}.sha256`, begun, `${begun}.sha256`, again, orphan, 'raw/xy/2026-01-01/old.csv'],
    DAY,
  )
  assert.deepEqual(await expiredOriginals(crm, entries, objects, 30 * DAY - 1), [])
  assert.deepEqual(await expiredOriginals(crm, entries, objects, 30 * DAY), [old, `${old}.sha256`])
  assert.deepEqual(await expiredOriginals(crm, entries, objects, 31 * DAY), [old, `${old}.sha256`, orphan])
  assert.deepEqual(await expiredOriginals(crm, entries, objects, 50 * DAY), [old, `${old}.sha256`, again, orphan])
})
