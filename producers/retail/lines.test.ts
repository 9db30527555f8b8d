import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { parquetWriteBuffer } from 'hyparquet-writer'
import type { PurchaseLine } from '#schemas'
import { centsOf, lineSection } from './lines.ts'

const everything = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY, limit: Number.POSITIVE_INFINITY }

/** A transactions file of these rows; what a row does not say is ordinary. */
function fileOf(t: TestContext, rows: readonly Readonly<Record<string, unknown>>[]): (file: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'kappa-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const column = (name: string, type: 'INT64' | 'DOUBLE' | 'TIMESTAMP', usual: unknown) => ({
    name,
    type,
    nullable: true,
    data: rows.map((one) => (name in one ? one[name] : usual)),
  })
  const columnData = [
    ...['household_id', 'store_id', 'basket_id', 'product_id', 'quantity', 'week'].map((name) =>
      column(name, 'INT64', 1n),
    ),
    ...['sales_value', 'retail_disc', 'coupon_disc', 'coupon_match_disc'].map((name) => column(name, 'DOUBLE', 0.3)),
    column('transaction_timestamp', 'TIMESTAMP', new Date('2017-01-01T12:00:00Z')),
  ]
  writeFileSync(join(folder, 'transactions.parquet'), Buffer.from(parquetWriteBuffer({ columnData })))
  return (file) => join(folder, file)
}

const all = async (path: (file: string) => string, range = everything) => {
  const section = await lineSection(path, range)
  return Array.from({ length: section.length }, (_, i) => section.at(i))
}

test('amounts are the exact cents that a binary fraction stands for', () => {
  assert.equal(centsOf(0.1 + 0.2), 30n)
  assert.equal(centsOf(840), 84_000n)
  assert.equal(centsOf(1.005), undefined)
  assert.equal(centsOf(Number.NaN), undefined)
})

test('a quantity of zero is kept, and lines stand in the order of their instants', async (t) => {
  const path = fileOf(t, [
    { basket_id: 3n, transaction_timestamp: new Date('2017-01-03T00:00:00Z') },
    { basket_id: 1n, quantity: 0n, sales_value: 0.1 + 0.2 },
    { basket_id: 2n },
  ])
  const rows = await all(path)
  const lines = rows.map((one) => ('value' in one ? (one.value as PurchaseLine) : assert.fail(one.reason)))
  assert.deepEqual(
    lines.map(({ basketId }) => basketId),
    [1, 2, 3],
  )
  assert.equal(lines[0]?.quantity, 0)
  assert.equal(lines[0]?.salesValue, 30n)
  assert.equal(lines[0]?.purchasedAt, Date.parse('2017-01-01T12:00:00Z'))
  assert.deepEqual(
    rows.map(({ place }) => place.line),
    [2, 3, 1],
  )
})

test('a row with a hole, or with an amount that is none, is kept as a broken one with its row number', async (t) => {
  const path = fileOf(t, [{}, { store_id: null }, { sales_value: 0.123 }, { transaction_timestamp: null }])
  const broken = (await all(path)).flatMap((one) => ('reason' in one ? [one] : []))
  assert.deepEqual(
    broken.map(({ place, reason }) => [place.file, place.line, reason]),
    [
      ['transactions.parquet', 4, 'column transaction_timestamp is no number'],
      ['transactions.parquet', 2, 'column store_id is no number'],
      ['transactions.parquet', 3, 'an amount is no whole number of cents'],
    ],
  )
  assert.equal((broken[2] as { found: { sales_value: number } }).found.sales_value, 0.123)
})

test('a part has the lines from its first instant on and before its end, and no more than its limit', async (t) => {
  const at = (day: number) => new Date(Date.UTC(2017, 0, day))
  const path = fileOf(
    t,
    [1, 2, 3, 4].map((day) => ({ basket_id: BigInt(day), transaction_timestamp: at(day) })),
  )
  const baskets = async (range: typeof everything) =>
    (await all(path, range)).map((one) => ('value' in one ? (one.value as PurchaseLine).basketId : 0))
  assert.deepEqual(await baskets({ ...everything, from: at(2).getTime(), to: at(4).getTime() }), [2, 3])
  assert.deepEqual(await baskets({ ...everything, limit: 2 }), [1, 2])
})

test('a file that is no Parquet is refused by name', async () => {
  await assert.rejects(
    lineSection(() => import.meta.filename, everything),
    { code: 'CONFIG_INVALID', message: /lines\.test\.ts/ },
  )
})
