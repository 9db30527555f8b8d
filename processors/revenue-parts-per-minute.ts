import { count, fold, processor, sum, tumbling } from '#engine'
import { type Purchase, purchases, revenuePartsPerMinute } from '#schemas'

/** What revenue is divided by. Both have a handful of values, which bounds a minute's row and its state. */
const DIMENSIONS = ['device', 'paymentMethod'] as const

type Part = [dimension: string, value: string, orders: number, revenue: bigint]

const nameOf = ([dimension, value]: Part): string => `${dimension} ${value}`

/** Adds to the part of the same value, wherever in the list it stands; the list stays in order of names. */
function addPart(parts: Part[], added: Part): void {
  const name = nameOf(added)
  const at = parts.findIndex((part) => nameOf(part) >= name)
  const found = at === -1 ? undefined : parts[at]
  if (found === undefined || nameOf(found) !== name) parts.splice(at === -1 ? parts.length : at, 0, [...added])
  else {
    found[2] += added[2]
    found[3] += added[3]
  }
}

/**
 * Paid revenue and orders as `revenue-per-minute` has them, and how they are divided by device and payment method: what the
 * contributions to an anomaly are made of. A topic of its own, since rows of `revenue-per-minute` are settled by signed
 * corrections and lists cannot be.
 */
export default processor('revenue-parts-per-minute', ({ from }) =>
  from(purchases, { idleAfter: '10 seconds' })
    .where({ status: 'PAID' })
    .keyBy('country', 'currency')
    .window(tumbling({ size: '1 minute', grace: '30 seconds' }))
    .aggregate({
      orders: count(),
      revenue: sum('amount'),
      parts: fold({
        reads: ['device', 'paymentMethod', 'amount'],
        initial: (): Part[] => [],
        add: (parts: Part[], row: Pick<Purchase, 'device' | 'paymentMethod' | 'amount'>): Part[] => {
          for (const dimension of DIMENSIONS) addPart(parts, [dimension, row[dimension], 1, row.amount])
          return parts
        },
        merge: (parts: Part[], other: Part[]): Part[] => {
          for (const part of other) addPart(parts, part)
          return parts
        },
        result: (parts: Part[]) =>
          parts.map(([dimension, value, orders, revenue]) => ({ dimension, value, orders, revenue })),
        encode: (parts: Part[]) => parts,
        decode: (plain) => plain as unknown as Part[],
        order: 'any',
      }),
    })
    .emit('on-close')
    .to(revenuePartsPerMinute),
)
