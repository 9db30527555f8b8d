import { cacheFolder } from '../../deploy/config.ts'
import { type History, Visits } from '../../models/scores/index.ts'
import { openDataSet } from '../../producers/connectors/dataset.ts'
import { parquetNumbers } from '../../producers/connectors/parquet.ts'
import { completeJourney } from '../../producers/retail/index.ts'

const COLUMNS = ['household_id', 'basket_id', 'product_id', 'sales_value', 'transaction_timestamp'] as const

/** Every household's baskets of the retailer's year before an instant. */
export async function historiesBefore(asOf: number): Promise<readonly History[]> {
  const data = await openDataSet(cacheFolder(), completeJourney)
  const { rows: count, columns } = await parquetNumbers(data.path('transactions.parquet'), COLUMNS)
  const visits = new Visits()
  for (let i = 0; i < count; i++) {
    const at = (name: (typeof COLUMNS)[number]) => columns[name][i] as number
    if (at('transaction_timestamp') < asOf)
      visits.add({
        ...{ householdId: at('household_id'), basketId: at('basket_id'), productId: at('product_id') },
        salesValue: BigInt(Math.round(at('sales_value') * 100)),
        purchasedAt: at('transaction_timestamp'),
      })
  }
  return visits.histories()
}
