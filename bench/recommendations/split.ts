import { cacheFolder } from '../../deploy/config.ts'
import { Baskets, type Bought } from '../../models/recommendations/index.ts'
import { dayOf, startOfDay } from '../../producers/calendar.ts'
import { openDataSet } from '../../producers/connectors/dataset.ts'
import { parquetNumbers } from '../../producers/connectors/parquet.ts'
import { completeJourney } from '../../producers/retail/index.ts'

const COLUMNS = ['household_id', 'product_id', 'basket_id', 'quantity', 'transaction_timestamp'] as const

/** The retailer's year cut in time: what models may see, and what households bought after it. */
export interface Split {
  readonly bought: Bought
  /** Products of each basket of the training. */
  readonly baskets: readonly ReadonlySet<number>[]
  /** By row: columns bought in the test's months, of products that the training knows. */
  readonly later: readonly ReadonlySet<number>[]
  /** Of those, what the household had not bought before. */
  readonly fresh: readonly ReadonlySet<number>[]
}

/** Training has lines before the first day, the test those from it to the day before `until`; days are New York's. */
export async function splitAt(first: string, until: string): Promise<Split> {
  const [cut, end] = [first, until].map((day) => startOfDay(dayOf(day, 'a day'), 'America/New_York'))
  const data = await openDataSet(cacheFolder(), completeJourney)
  const { rows, columns } = await parquetNumbers(data.path('transactions.parquet'), COLUMNS)
  const baskets = new Baskets()
  const test: [number, number][] = []
  const trips = new Map<number, Set<number>>()
  for (let i = 0; i < rows; i++) {
    const at = (name: (typeof COLUMNS)[number]) => columns[name][i] as number
    if (!(at('quantity') > 0)) continue
    const time = at('transaction_timestamp')
    if (time < (cut as number)) {
      baskets.add({ householdId: at('household_id'), productId: at('product_id'), basketId: at('basket_id') })
      const trip = trips.get(at('basket_id')) ?? new Set()
      trips.set(at('basket_id'), trip.add(at('product_id')))
    } else if (time < (end as number)) test.push([at('household_id'), at('product_id')])
  }
  const bought = baskets.bought()
  const placesOf = (ids: readonly number[]) => new Map(ids.map((id, place) => [id, place]))
  const [rowOf, columnOf] = [placesOf(bought.households), placesOf(bought.products)]
  const later = bought.households.map(() => new Set<number>())
  for (const [household, product] of test) {
    const column = columnOf.get(product)
    if (column !== undefined) later[rowOf.get(household) ?? -1]?.add(column)
  }
  const { starts, at } = bought.matrix
  const fresh = later.map((columns, row) => {
    const known = new Set(at.subarray(starts[row], starts[row + 1]))
    return new Set([...columns].filter((column) => !known.has(column)))
  })
  return { bought, baskets: [...trips.values()], later, fresh }
}
