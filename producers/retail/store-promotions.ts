import { row, type SourceRow } from '#engine/ingest'
import { storePromotions } from '#schemas'
import { DAY_MS, startOfDay } from '../calendar.ts'
import { type BoundedSource, type Part, rangeOf, rowsOf } from '../connectors/bounded.ts'
import type { OpenDataSet } from '../connectors/dataset.ts'
import { NO_INTEGER, parquetIntegers, parquetRowCount, parquetTexts, type RowRange } from '../connectors/parquet.ts'
import type { Section } from '../connectors/sections.ts'
import { FIRST_WEEK, STORE_TIME_ZONE } from './dataset.ts'

/** What promotions are written to. */
export const promotionTopics = [storePromotions]

const FILE = 'promotions.parquet'
const WEEKS = 53
/** A week that is none, in a broken row, stands before all others. */
const NO_WEEK = Number.MIN_SAFE_INTEGER

/** When a week of the data set begins, milliseconds. */
export const startOfWeek = (week: number): number => startOfDay(FIRST_WEEK / DAY_MS + (week - 1) * 7, STORE_TIME_ZONE)

/**
 * What was on display or in the mailer, by product, store and week: 20,940,529 rows, in the order of weeks, as in the file.
 * A part has the weeks that begin on its days. The columns of the part stand in memory, 16 bytes a row; reading the whole
 * file needs about a gigabyte for a while. Throws CONFIG_INVALID for a part that cannot be.
 */
export async function promotionSource(data: OpenDataSet, part: Part = {}): Promise<BoundedSource> {
  const wanted = rangeOf(part, STORE_TIME_ZONE)
  const section = await promotionSection(data.path(FILE), wanted)
  return {
    importId: `store-promotions${wanted.label}`,
    name: 'store-promotions',
    source: { name: data.name, sha256: data.sha256 },
    topics: promotionTopics,
    ...rowsOf([section]),
  }
}

async function promotionSection(
  path: string,
  { from, to, limit }: { readonly from: number; readonly to: number; readonly limit: number },
): Promise<Section> {
  const rows = await rowsOfWeeks(path, from, to, limit)
  const products = await parquetIntegers(path, 'product_id', rows)
  const stores = await parquetIntegers(path, 'store_id', rows)
  const weeks = await parquetIntegers(path, 'week', rows)
  const display = await parquetTexts(path, 'display_location', rows)
  const mailer = await parquetTexts(path, 'mailer_location', rows)
  const starts = Array.from({ length: WEEKS + 1 }, (_, week) => startOfWeek(week))
  return {
    length: products.length,
    at: (index): SourceRow => {
      const [productId, storeId, week] = [products, stores, weeks].map((column) => column[index] ?? NO_INTEGER)
      const place = { file: FILE, line: rows.from + index + 1 }
      const value = {
        ...{ productId: productId ?? NO_INTEGER, storeId: storeId ?? NO_INTEGER, week: week ?? NO_INTEGER },
        displayLocation: display.texts[display.codes[index] ?? 0] ?? '',
        mailerLocation: mailer.texts[mailer.codes[index] ?? 0] ?? '',
      }
      const startsAt = starts[value.week]
      if (value.productId === NO_INTEGER || value.storeId === NO_INTEGER || startsAt === undefined)
        return { topic: storePromotions, found: value, reason: 'product, store or week is no number that fits', place }
      return row(storePromotions, { ...value, startsAt }, place)
    },
  }
}

/** The file is sorted by week: those of a part are one behind the other. Rows of no week come first. */
async function rowsOfWeeks(path: string, from: number, to: number, limit: number): Promise<RowRange> {
  const count = await parquetRowCount(path)
  if (from === Number.NEGATIVE_INFINITY && to === Number.POSITIVE_INFINITY)
    return { from: 0, to: Math.min(count, limit) }
  const weeks = await parquetIntegers(path, 'week')
  const starts = Array.from({ length: WEEKS + 1 }, (_, week) => startOfWeek(week))
  const begins = (index: number): number => starts[weeks[index] ?? NO_INTEGER] ?? NO_WEEK
  const first = firstIndex(count, (index) => begins(index) >= from)
  const behind = firstIndex(count, (index) => begins(index) >= to)
  return { from: first, to: Math.min(behind, first + limit) }
}

/** The first index of which `holds` is true; `count` where there is none. Once true, it stays so. */
function firstIndex(count: number, holds: (index: number) => boolean): number {
  let [low, high] = [0, count]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (holds(middle)) high = middle
    else low = middle + 1
  }
  return low
}
