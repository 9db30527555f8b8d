import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { parquetWriteBuffer } from 'hyparquet-writer'
import type { SourceRow } from '#engine/ingest'
import type { StorePromotion } from '#schemas'
import { temporaryFolder } from '../../deploy/local/temporary.ts'
import { promotionSource, startOfWeek } from './index.ts'

const WEEKS = [null, 1n, 1n, 23n, 23n, 24n, 53n]

function dataSet(t: TestContext) {
  const folder = temporaryFolder(t)
  const columnData = [
    { name: 'product_id', type: 'INT64' as const, data: WEEKS.map((_, i) => BigInt(i + 1)) },
    { name: 'store_id', type: 'INT64' as const, data: WEEKS.map(() => 34_280n) },
    { name: 'display_location', type: 'STRING' as const, data: WEEKS.map((_, i) => (i % 2 === 0 ? '9' : 'A')) },
    { name: 'mailer_location', type: 'STRING' as const, data: WEEKS.map(() => '0') },
    { name: 'week', type: 'INT64' as const, data: WEEKS, nullable: true },
  ]
  writeFileSync(join(folder, 'promotions.parquet'), Buffer.from(parquetWriteBuffer({ columnData })))
  return { name: 'tiny', sha256: '0', path: (file: string) => join(folder, file) }
}

async function rowsOf(t: TestContext, part = {}, after = 0): Promise<readonly SourceRow[]> {
  const source = await promotionSource(dataSet(t), part)
  const rows: SourceRow[] = []
  for await (const batch of source.rows(after)) rows.push(...batch)
  assert.equal(rows.length, source.total - after)
  return rows
}

const products = (rows: readonly SourceRow[]) =>
  rows.map((one) => ('value' in one ? (one.value as StorePromotion).productId : `broken ${one.place.line}`))

test('weeks begin on Mondays of New York, winter and summer', () => {
  assert.equal(startOfWeek(1), Date.parse('2016-12-26T05:00:00Z'))
  assert.equal(startOfWeek(12), Date.parse('2017-03-13T04:00:00Z'))
  assert.equal(startOfWeek(53), Date.parse('2017-12-25T05:00:00Z'))
})

test('every row is there, as it is; one without a week is broken', async (t) => {
  const rows = await rowsOf(t)
  assert.deepEqual(products(rows), ['broken 1', 2, 3, 4, 5, 6, 7])
  const [, second] = rows
  assert.ok(second && 'value' in second)
  assert.deepEqual(second.value, {
    ...{ productId: 2, storeId: 34_280, displayLocation: 'A', mailerLocation: '0', week: 1 },
    startsAt: Date.parse('2016-12-26T05:00:00Z'),
  })
})

test('a part has the weeks that begin on its days, and goes on behind any row', async (t) => {
  assert.deepEqual(products(await rowsOf(t, { from: '2017-05-29', to: '2017-06-05' })), [4, 5, 6])
  assert.deepEqual(products(await rowsOf(t, { from: '2017-05-30', to: '2017-06-05' })), [6])
  assert.deepEqual(products(await rowsOf(t, { from: '2017-05-29', limit: 2 })), [4, 5])
  assert.deepEqual(products(await rowsOf(t, { to: '2016-12-26' })), ['broken 1', 2, 3])
  assert.deepEqual(products(await rowsOf(t, { limit: 3 })), ['broken 1', 2, 3])
  assert.deepEqual(products(await rowsOf(t, { from: '2017-05-29', to: '2017-06-05' }, 2)), [6])
  await assert.rejects(rowsOf(t, { from: '2017-02-30' }), { code: 'CONFIG_INVALID' })
})
