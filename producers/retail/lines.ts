import { row, type SourceRow } from '#engine/ingest'
import { type PurchaseLine, purchaseLines } from '#schemas'
import { parquetNumbers } from '../connectors/parquet.ts'
import type { Section } from '../connectors/sections.ts'

const COLUMNS = [
  'household_id',
  'store_id',
  'basket_id',
  'product_id',
  'quantity',
  'sales_value',
  'retail_disc',
  'coupon_disc',
  'coupon_match_disc',
  'week',
  'transaction_timestamp',
] as const
type Column = (typeof COLUMNS)[number]

/** Which lines: instants `[from, to)` in milliseconds, and at most so many. */
export interface LineRange {
  readonly from: number
  readonly to: number
  readonly limit: number
}

const FILE = 'transactions.parquet'

/** Purchase lines in the order of their instants (in the file's order within one). Lines without an instant come first. */
export async function lineSection(path: (file: string) => string, range: LineRange): Promise<Section> {
  const { rows, columns } = await parquetNumbers<Column>(path(FILE), COLUMNS)
  const order = selected(columns.transaction_timestamp, rows, range)
  return { length: order.length, at: (index) => lineRow(columns, order[index] as number) }
}

/** Indices of the rows in range, stably sorted by instant; the file is sorted already, which is checked, not trusted. */
function selected(times: Float64Array, rows: number, { from, to, limit }: LineRange): Uint32Array {
  const order = new Uint32Array(rows)
  let count = 0
  let sorted = true
  let last = Number.NEGATIVE_INFINITY
  for (let i = 0; i < rows; i++) {
    const time = times[i] as number
    if (time < from || time >= to) continue
    sorted &&= placeOf(time) >= last
    last = placeOf(time)
    order[count++] = i
  }
  const kept = order.subarray(0, count)
  if (!sorted) kept.sort((a, b) => placeOf(times[a]) - placeOf(times[b]) || a - b)
  return kept.subarray(0, limit)
}

const placeOf = (time: number | undefined): number => (time === undefined || Number.isNaN(time) ? -1 : time)

function lineRow(columns: Readonly<Record<Column, Float64Array>>, index: number): SourceRow {
  for (const name of COLUMNS) {
    if (Number.isNaN(columns[name][index])) return broken(columns, index, `column ${name} is no number`)
  }
  const number = (name: Column) => columns[name][index] as number
  const salesValue = centsOf(number('sales_value'))
  const retailDiscount = centsOf(number('retail_disc'))
  const couponDiscount = centsOf(number('coupon_disc'))
  const couponMatchDiscount = centsOf(number('coupon_match_disc'))
  if (
    salesValue === undefined ||
    retailDiscount === undefined ||
    couponDiscount === undefined ||
    couponMatchDiscount === undefined
  )
    return broken(columns, index, 'an amount is no whole number of cents')
  const value: PurchaseLine = {
    householdId: number('household_id'),
    storeId: number('store_id'),
    basketId: number('basket_id'),
    productId: number('product_id'),
    quantity: number('quantity'),
    salesValue,
    retailDiscount,
    couponDiscount,
    couponMatchDiscount,
    week: number('week'),
    purchasedAt: number('transaction_timestamp'),
  }
  return row(purchaseLines, value, { file: FILE, line: index + 1 })
}

/** The file has amounts as binary fractions of dollars, some of them sums (0.30000000000000004): the cents that are meant. */
export function centsOf(dollars: number): bigint | undefined {
  const cents = Math.round(dollars * 100)
  return Number.isSafeInteger(cents) && Math.abs(cents - dollars * 100) < 1e-6 ? BigInt(cents) : undefined
}

function broken(columns: Readonly<Record<Column, Float64Array>>, index: number, reason: string): SourceRow {
  const found = Object.fromEntries(COLUMNS.map((name) => [name, columns[name][index]]))
  return { topic: purchaseLines, found, reason, place: { file: FILE, line: index + 1 } }
}
