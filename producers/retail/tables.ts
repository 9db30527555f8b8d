import { row, type SourceRow } from '#engine/ingest'
import type { AnyTopic, Topic } from '#engine/schema'
import { campaigns, couponRedemptions, households, products } from '#schemas'
import { DAY_MS, startOfDay } from '../calendar.ts'
import { parquetRows } from '../connectors/parquet.ts'
import { STORE_TIME_ZONE, VALID_FROM } from './dataset.ts'

type Columns = Readonly<Record<string, unknown>>

/** Reads small tables of the data set whole. A row that cannot be read is kept as a broken one. */
export const tableReader =
  (path: (file: string) => string) =>
  async <V>(name: string, topic: Topic<V>, make: (columns: Columns) => V): Promise<SourceRow[]> => {
    const file = `${name}.parquet`
    return (await parquetRows(path(file))).map((columns, index) => rowOf(topic, make, columns, file, index + 1))
  }

/** Products, households and campaigns whole, then redemptions by day. */
export async function tableRows(path: (file: string) => string): Promise<readonly SourceRow[]> {
  const read = tableReader(path)
  const redeemed = await read('coupon_redemptions', couponRedemptions, (at) => {
    const redeemedOn = dayIn(at, 'redemption_date')
    return {
      householdId: id(at, 'household_id'),
      couponUpc: id(at, 'coupon_upc'),
      campaignId: id(at, 'campaign_id'),
      redeemedOn,
      redeemedAt: startOfDay(redeemedOn, STORE_TIME_ZONE),
    }
  })
  return [
    ...(await read('products', products, (at) => ({
      productId: id(at, 'product_id'),
      manufacturerId: at.manufacturer_id === null ? null : id(at, 'manufacturer_id'),
      department: text(at, 'department'),
      brand: text(at, 'brand'),
      productCategory: text(at, 'product_category'),
      productType: text(at, 'product_type'),
      packageSize: text(at, 'package_size'),
      validFrom: VALID_FROM,
    }))),
    ...(await read('demographics', households, (at) => ({
      householdId: id(at, 'household_id'),
      age: text(at, 'age'),
      income: text(at, 'income'),
      homeOwnership: text(at, 'home_ownership'),
      maritalStatus: text(at, 'marital_status'),
      householdSize: text(at, 'household_size'),
      householdComposition: text(at, 'household_comp'),
      kidsCount: text(at, 'kids_count'),
      validFrom: VALID_FROM,
    }))),
    ...(await read('campaign_descriptions', campaigns, (at) => ({
      campaignId: id(at, 'campaign_id'),
      type: text(at, 'campaign_type') ?? '',
      startDate: dayIn(at, 'start_date'),
      endDate: dayIn(at, 'end_date'),
      validFrom: VALID_FROM,
    }))),
    ...redeemed.sort((a, b) => timeOf(a) - timeOf(b)),
  ]
}

class Unreadable extends Error {}

function rowOf<V>(
  topic: Topic<V>,
  make: (columns: Columns) => V,
  columns: Columns,
  file: string,
  line: number,
): SourceRow {
  try {
    return row(topic, make(columns), { file, line })
  } catch (thrown) {
    if (!(thrown instanceof Unreadable)) throw thrown
    return { topic: topic as AnyTopic, found: columns, reason: thrown.message, place: { file, line } }
  }
}

/** Broken rows stand first. */
const timeOf = (one: SourceRow): number =>
  'value' in one ? (one.value as { readonly redeemedAt: number }).redeemedAt : -1

/** A whole number. Throws what makes the row a broken one. */
export function id(columns: Columns, name: string): number {
  const value = columns[name]
  const exact = typeof value === 'bigint' ? Number(value) : value
  if (typeof exact === 'number' && Number.isSafeInteger(exact)) return exact
  throw new Unreadable(`column ${name} is no whole number`)
}

const text = (columns: Columns, name: string): string | null => {
  const value = columns[name]
  return value === null || value === undefined || value === '' ? null : String(value)
}

function dayIn(columns: Columns, name: string): number {
  const value = columns[name]
  if (value instanceof Date && !Number.isNaN(value.getTime())) return Math.floor(value.getTime() / DAY_MS)
  throw new Unreadable(`column ${name} is no date`)
}
