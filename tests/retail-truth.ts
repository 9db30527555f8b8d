import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { cacheFolder } from '../deploy/config.ts'
import { openDataSet } from '../producers/connectors/dataset.ts'
import { completeJourney } from '../producers/retail/index.ts'

export interface DayOfDepartment {
  lines: number
  units: number
  cents: number
}

const day = new Intl.DateTimeFormat('en-CA', { timeZone: 'America/New_York', dateStyle: 'short' })

/**
 * Revenue per New York day and department, computed from the data set's own files by a plain loop: nothing of the engine,
 * of the importers or of the schemas has a part in it. Keys are `2017-06-01|GROCERY`; days `[from, to]`.
 */
export async function revenuePerDay(from: string, to: string): Promise<Map<string, DayOfDepartment>> {
  const data = await openDataSet(cacheFolder(), completeJourney)
  const read = async (name: string, columns: string[]) =>
    parquetReadObjects({ file: await asyncBufferFromFile(data.path(name)), columns, compressors })
  const departments = new Map<number, string>()
  for (const { product_id, department } of await read('products.parquet', ['product_id', 'department']))
    if (department !== null && department !== undefined) departments.set(Number(product_id), String(department))
  const sums = new Map<string, DayOfDepartment>()
  const columns = ['product_id', 'quantity', 'sales_value', 'transaction_timestamp']
  for (const line of await read('transactions.parquet', columns)) {
    const date = day.format(new Date(line.transaction_timestamp))
    if (date < from || date > to) continue
    const key = `${date}|${departments.get(Number(line.product_id)) ?? 'unknown'}`
    const sum = sums.get(key) ?? { lines: 0, units: 0, cents: 0 }
    sum.lines += 1
    sum.units += Number(line.quantity)
    sum.cents += Math.round(Number(line.sales_value) * 100)
    sums.set(key, sum)
  }
  return sums
}
